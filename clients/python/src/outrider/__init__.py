"""A small framework for services on Outrider: what README.md beside it shows.

    Aggregate, process, apply     a command becomes events, events become state
    Entity                        the same in the function style: Outrider keeps state and members
    Projector                     events become a projection
    Saga, on, outcome, timer      events become commands, across aggregates
    serve                         serves them to the sidecars
    Aggregates, Projections       create, update and find aggregates; read projections
    Subscriber                    handles events, durably
    outrider.testing              tests of all that, without a server

`outrider.v1` and `evented` hold the messages and stubs of the wire.
"""

from .aggregate import Aggregate, apply, process
from .connection import Connection
from .entity import Entity
from .errors import Code, Conflict, Refused, Unavailable
from .event import Event, Position
from .projections import Projections
from .projector import Projector
from .saga import Outcome, Saga, on, outcome, timer
from .service import Aggregates, Found, Stored
from .serving import Server, serve
from .subscriber import Start, Subscriber

__all__ = [
    "Aggregate", "Aggregates", "Code", "Conflict", "Connection", "Entity", "Event", "Found", "Outcome", "Position",
    "Projections", "Projector", "Refused", "Saga", "Server", "Start", "Stored", "Subscriber", "Unavailable", "apply", "on",
    "outcome", "process", "serve", "timer",
]
