"""The libraries that draw the page's charts, as one script.

Making the script takes a second, during which vl-convert holds Python's lock. A process of its own therefore makes it,
while the page's tables are read and its charts are made.
"""

from __future__ import annotations

import subprocess
import sys
from functools import cache

_MAKE = "import sys, vl_convert; sys.stdout.write(vl_convert.javascript_bundle('window.vegaEmbed = vegaEmbed;'))"


@cache
def begin() -> subprocess.Popen[str]:
    """Start the process that makes the script, once per Python process."""
    return subprocess.Popen([sys.executable, "-P", "-c", _MAKE], stdout=subprocess.PIPE, encoding="utf-8")


@cache
def vega() -> str:
    """Vega, Vega-Lite and vega-embed as text that can stand inside a `<script>`. It sets `window.vegaEmbed`.

    :raises subprocess.CalledProcessError: the script could not be made; its process has printed why.
    """
    making = begin()
    made, _ = making.communicate()
    if making.returncode:
        raise subprocess.CalledProcessError(making.returncode, making.args)
    return made.replace("</script", "<\\/script")
