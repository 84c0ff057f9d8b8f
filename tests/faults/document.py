"""`python -m tests.faults.document`: write docs/faults.md from the cases of the matrix."""

from tests.faults.test_matrix import DOC, documentation

if __name__ == "__main__":
    DOC.write_text(documentation(), encoding="utf-8")
    print(f"wrote {DOC}")
