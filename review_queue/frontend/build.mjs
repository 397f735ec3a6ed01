// Builds the page's assets: one stylesheet from the kits' own Sass, and the scripts the pages load.
import { copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import * as sass from "sass";

const here = dirname(fileURLToPath(import.meta.url));
const out = join(here, "..", "static", "dist");
mkdirSync(out, { recursive: true });
const css = sass.compile(join(here, "src", "porthor.scss"), {
  loadPaths: [join(here, "node_modules"), here],
  style: "compressed",
  quietDeps: true,
  silenceDeprecations: ["import", "global-builtin", "if-function"],
});
writeFileSync(join(out, "porthor.css"), css.css);
copyFileSync(join(here, "node_modules/govuk-frontend/dist/govuk/govuk-frontend.min.js"), join(out, "govuk-frontend.min.js"));
copyFileSync(join(here, "node_modules/htmx.org/dist/htmx.min.js"), join(out, "htmx.min.js"));
copyFileSync(join(here, "src", "queue.js"), join(out, "queue.js"));
mkdirSync(join(out, "images"), { recursive: true });
for (const name of ["icon-tag-remove-cross.svg", "icon-tag-remove-cross-white.svg"]) {
  copyFileSync(join(here, "node_modules/@ministryofjustice/frontend/moj/assets/images", name), join(out, "images", name));
}
