// The description of the API, drawn by Redoc. Its search is off, because it would need a worker.

import { init } from "./redoc.js";
import { find } from "./site.js";

const place = find("[data-description]");
const colour = (name) => getComputedStyle(place).getPropertyValue(name).trim();

init(place.dataset.description, {
  disableSearch: true,
  nativeScrollbars: true,
  hideHostname: true,
  scrollYOffset: () => find("header.top").offsetHeight,
  theme: {
    breakpoints: { medium: "60rem", large: "90rem" },
    colors: { primary: { main: colour("--accent") } },
    typography: { fontFamily: "inherit", headings: { fontFamily: "inherit" }, code: { wrap: true } },
  },
}, place);
