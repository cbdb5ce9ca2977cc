"""`python -m lipwright`: the command, where its script is not on the path."""

from lipwright.cli.main import main

if __name__ == "__main__":
    main()
