"""What a user does, one function a sentence: load, decide, write, audit; never commits."""
