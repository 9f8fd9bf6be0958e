// What the API's page takes from Redoc; hatch_build.py bundles it into static/redoc.js.
export { init } from "redoc/bundles/redoc.standalone.js";
