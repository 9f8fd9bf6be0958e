"""Checks of the sandbox: which layers around probes and edits hold on this machine."""

from collections.abc import Iterator

from anb import bootstrap
from anb.local.doctor.checkup import CheckResult, Checkup

PART = "Sandbox"
INSTALL = "Install bubblewrap (`apt install bubblewrap`, `dnf install bubblewrap`) for the strongest walls"


def sandbox(checkup: Checkup) -> Iterator[CheckResult]:
    """Check which layers hold, by trying to break out."""
    if checkup.settings.sandbox == "off":
        yield CheckResult(PART, "warn", "off: only limits hold", "Unset ANB_SANDBOX")
        return
    layers = {layer.name: layer for layer in bootstrap.sandbox_layers(checkup.settings.sandbox)}
    walls = [name for name in ("bubblewrap", "Landlock") if layers[name].holds]
    held = ", ".join(layer.what for layer in layers.values() if layer.holds)
    lacking = [name for name, layer in layers.items() if not layer.holds and not (name == "Landlock" and walls)]
    found = f"{held or 'only limits hold'}{'; without ' * bool(lacking)}{', '.join(lacking)}"
    yield CheckResult(PART, "ok" if walls else "warn", found, "" if layers["bubblewrap"].holds else INSTALL)
