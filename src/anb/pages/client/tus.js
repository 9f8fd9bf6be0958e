// What the upload page takes from tus-js-client; hatch_build.py bundles it into static/tus.js.
export { Upload } from "tus-js-client";
