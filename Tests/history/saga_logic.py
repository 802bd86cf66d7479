"""The logic of `sagas.logic`, as a program.  Usage: saga_logic.py account|transfer|saga DIRECTORY [ADDRESS]"""

from sagas.logic import main

if __name__ == "__main__":
    main()
