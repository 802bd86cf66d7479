"""What the scripts of devops/rabbitmq and devops/kafka share: how a broker is started, found and ended."""
