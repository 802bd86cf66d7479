"""The event handlers of `choreography`, as a program.  Usage: eventuate_subscriber.py SUBSCRIBER DIRECTORY HTTP,STOMP..."""

from choreography.subscriber import main

if __name__ == "__main__":
    main()
