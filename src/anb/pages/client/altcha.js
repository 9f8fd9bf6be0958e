// What the page of a vote takes from ALTCHA: its worker, which solves a challenge. hatch_build.py bundles it into static/altcha.js.
import "altcha/workers/pbkdf2";
