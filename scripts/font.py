"""Copy the pages' typeface from its npm package into the static files, where git ignores it."""

import shutil
import sys

from scripts import npm

PACKAGE = "@fontsource-variable/source-sans-3"
TARGET = npm.ROOT / "gvi" / "web" / "static" / "font"
FILES = {
    "files/source-sans-3-latin-wght-normal.woff2": "source-sans-3-latin.woff2",
    "files/source-sans-3-latin-ext-wght-normal.woff2": "source-sans-3-latin-ext.woff2",
    "LICENSE": "OFL.txt",
}


def main() -> None:
    """Fetch the typeface; without it the pages use the reader's own, so this never fails."""
    try:
        package = npm.install(npm.ROOT / "frontend") / PACKAGE
    except npm.NpmError as error:
        print(
            f"The typeface could not be fetched ({error}); pages use the system's.", file=sys.stderr
        )
        return
    TARGET.mkdir(parents=True, exist_ok=True)
    for source, name in FILES.items():
        shutil.copyfile(package / source, TARGET / name)


if __name__ == "__main__":
    main()
