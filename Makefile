# What a person does here. `make help` lists it.

# An import that Package.swift does not declare fails the build.
swift_flags := --explicit-target-dependency-import-check error
STORE       ?= sqlite
TOPOLOGY    ?= one-process
EXAMPLE     ?= bank
outrider    := .build/release/outrider
venv_path   := PATH="$(CURDIR)/.venv/bin:$$PATH"

.DEFAULT_GOAL := help
.PHONY: help setup build run demo rest mongodb rabbitmq kafka consul load_all test languages clients services conformance fuzz soak bench image generate check charts format clean

help: ## List what can be made
	@awk -F ':.*## ' '/^[a-z_]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## Install what is missing: libraries, Python environment, stubs
	@devops/setup.sh

build: setup ## Build the release executable, .build/release/outrider
	@devops/build.sh outrider

run: build ## Start the bank example and leave it running
	@devops/demo/welcome.sh
	@$(venv_path) $(outrider) run --domain bank --projector-name balance -- python3 examples/bank/python/bank.py

demo: build ## Show an example at work, kill it, and prove that nothing is lost; STORE=mongodb, TOPOLOGY=sidecars, or EXAMPLE=transfer, savings or customers-and-orders (PART=swift: with a service in Swift)
	@PART=$(PART) devops/demo/run.sh $(outrider) $(TOPOLOGY) $(STORE) $(EXAMPLE)

mongodb: setup ## Start a local MongoDB-compatible server, for development, and leave it running
	@exec devops/mongodb/engine.sh run

rabbitmq: setup ## Start a local RabbitMQ, for development, and leave it running
	@exec devops/rabbitmq/broker.sh run

kafka: setup ## Start a local Kafka-compatible broker, for development, and leave it running
	@exec devops/kafka/broker.sh run

consul: ## Start a local Consul agent on port 8500, for development, and leave it running
	@exec devops/consul/agent.sh run --port 8500

load_all: ## Put the configuration of each example into Consul; CONSUL_HOST says where, with CONSUL_HTTP_TOKEN
	@python3 devops/consul/load_all.py

test: setup ## Build and run every test
	swift build --build-tests $(swift_flags)
	devops/rabbitmq/broker.sh with devops/mongodb/engine.sh with swift test --skip-build --skip KafkaChannelTests
	devops/kafka/broker.sh with --memory swift test --skip-build --filter KafkaChannelTests
	devops/mongodb/engine.sh with .venv/bin/pytest Tests/mongodb
	OUTRIDER_TEST_EXECUTABLE=.build/debug/outrider .venv/bin/pytest -n 4 --dist loadfile Tests/e2e
	clients/python/check.sh .build/debug/outrider
	.venv/bin/pytest Tests/history
	.venv/bin/pytest Tests/avro
	.venv/bin/pytest Tests/brokers
	@devops/conformance/run.sh core

languages: setup ## Run the bank example in Python, Go, Java, C++ and Ruby, and the same tests on each
	swift build $(swift_flags) --product outrider
	@devops/languages.sh

clients: setup ## Check the frameworks of clients: types, tests, and what their READMEs show
	swift build $(swift_flags) --product outrider
	swift build $(swift_flags) --product swift-client
	clients/python/check.sh .build/debug/outrider
	clients/swift/check.sh .build/debug/outrider

services: setup ## Test the services of examples/customers-and-orders; PART=swift: with one in Swift
	swift build $(swift_flags) --product outrider
	@[ "$(PART)" != swift ] || examples/customers-and-orders/swift/build.sh
	PART=$(PART) .venv/bin/pytest Tests/services

conformance: setup ## Run gRPC's interoperability cases with every peer, and write docs/conformance.md
	swift build $(swift_flags) --product outrider
	swift build $(swift_flags) --product interop-server
	swift build $(swift_flags) --product interop-client
	@devops/conformance/run.sh all --write

rest: setup ## Try the gateway with CASES=1500 requests to each operation, made from its description
	swift build $(swift_flags) --product outrider
	OUTRIDER_TEST_EXECUTABLE=.build/debug/outrider REST_CASES=$(or $(CASES),1500) .venv/bin/pytest --timeout 7200 Tests/e2e/test_rest_description.py

fuzz: setup ## Feed everything that reads bytes with any bytes, for MINUTES=10
	@devops/fuzz/run.sh $(or $(MINUTES),10)

soak: setup ## Break all that there is for MINUTES=60, then brokers, sagas and Eventuate's clients; PART=sizes, channels, sagas, eventuate or versions does one of these
	@devops/soak/run.sh $(or $(MINUTES),60) $(PART)

bench: build ## Measure beside peers, and write docs/benchmarks.md; AGAINST=REV: beside an earlier revision; ROWS="append command", ROUNDS=5, OUTPUT=FILE
	@AGAINST="$(AGAINST)" devops/bench/run.sh $(ROWS) $(if $(OUTPUT),--output "$(OUTPUT)")

image: build ## Build the container image, .build/outrider-image.tar, and try it; see docs/images.md
	@devops/image/build.sh $(outrider) .build/outrider-image.tar

generate: setup ## Make the C and Python code of the messages in proto/ anew
	devops/generate.sh

check: build ## Check layout, layers, generated code, documents and what the executable links
	@devops/check.sh $(outrider)

charts: ## Check the Helm charts, alert rules and manifests, with what a build there is
	@devops/helm/check.sh

format: ## Lay out the Swift code
	swift format --in-place --recursive Package.swift Sources Tests clients/swift examples/customers-and-orders/swift

clean: ## Remove what was built; .venv and data stay
	rm -rf .build .generated
