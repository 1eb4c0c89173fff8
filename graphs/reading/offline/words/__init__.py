"""The words by which meanings show, in Spanish, English and Portuguese, folded; each file one kind, each name one meaning.

What follows from them together is decided in `stance.py`, `binding.py` and `interpreter.py`; to mend a reading, add words here.
"""
