"""The libraries that draw the page's charts, as one script.

Making the script is a second of computing in which vl-convert keeps Python's lock. So a process of its own does it,
while the page's tables are read and its charts are made.
"""

from __future__ import annotations

import subprocess
import sys
from functools import cache

_MAKE = "import sys, vl_convert; sys.stdout.write(vl_convert.javascript_bundle('window.vegaEmbed = vegaEmbed;'))"


@cache
def begin() -> subprocess.Popen[str]:
    """Begin to make the script, once per process."""
    return subprocess.Popen([sys.executable, "-P", "-c", _MAKE], stdout=subprocess.PIPE, encoding="utf-8")


@cache
def vega() -> str:
    """Vega, Vega-Lite and vega-embed, fit for the inside of a `<script>`. The script sets `window.vegaEmbed`.

    :raises subprocess.CalledProcessError: it could not be made; the process has printed why.
    """
    making = begin()
    made, _ = making.communicate()
    if making.returncode:
        raise subprocess.CalledProcessError(making.returncode, making.args)
    return made.replace("</script", "<\\/script")
