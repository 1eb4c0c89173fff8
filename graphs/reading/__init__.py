"""Reading suppliers' messages: the readers behind `domain.understanding.Reader`, their checks, and how they are scored."""
