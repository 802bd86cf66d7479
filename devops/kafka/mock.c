// librdkafka's mock cluster as a broker in a process of its own: it fails on command. See README.md.
//
// Prints its bootstrap servers, then obeys lines on standard input until that ends, and answers each with
// `ok` or the error:
//
//   topic NAME PARTITIONS      create a topic; others are created when they are first used
//   down [BROKER]              take a broker off the network, or all of them
//   up [BROKER]                bring it back
//   errors API CODE COUNT      answer the next COUNT requests of the API with the error: Kafka's numbers for both
//   delay BROKER MILLISECONDS  delay each answer
//   leader TOPIC PARTITION BROKER
#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ERRORS_MAX = 10000 };

static rd_kafka_mock_cluster_t *cluster;
static int broker_count;

static rd_kafka_resp_err_t on_brokers(rd_kafka_resp_err_t (*act)(rd_kafka_mock_cluster_t *, int32_t), int broker) {
    if (broker != 0) return act(cluster, broker);
    for (int each = 1; each <= broker_count; each++) {
        rd_kafka_resp_err_t error = act(cluster, each);
        if (error) return error;
    }
    return RD_KAFKA_RESP_ERR_NO_ERROR;
}

static rd_kafka_resp_err_t push_errors(int api, int code, int count) {
    if (count < 1 || count > ERRORS_MAX) return RD_KAFKA_RESP_ERR__INVALID_ARG;
    rd_kafka_resp_err_t *errors = calloc(count, sizeof *errors);
    for (int each = 0; each < count; each++) errors[each] = code;
    rd_kafka_mock_push_request_errors_array(cluster, api, count, errors);
    free(errors);
    return RD_KAFKA_RESP_ERR_NO_ERROR;
}

static rd_kafka_resp_err_t obey(const char *line) {
    char name[256];
    int a = 0, b = 0, c = 0;
    if (sscanf(line, "topic %255s %d", name, &a) == 2) return rd_kafka_mock_topic_create(cluster, name, a, broker_count);
    if (sscanf(line, "leader %255s %d %d", name, &a, &b) == 3) return rd_kafka_mock_partition_set_leader(cluster, name, a, b);
    if (sscanf(line, "errors %d %d %d", &a, &b, &c) == 3) return push_errors(a, b, c);
    if (sscanf(line, "delay %d %d", &a, &b) == 2) return rd_kafka_mock_broker_set_rtt(cluster, a, b);
    if (sscanf(line, "%255s %d", name, &a) < 1) return RD_KAFKA_RESP_ERR__INVALID_ARG;
    if (strcmp(name, "down") == 0) return on_brokers(rd_kafka_mock_broker_set_down, a);
    if (strcmp(name, "up") == 0) return on_brokers(rd_kafka_mock_broker_set_up, a);
    return RD_KAFKA_RESP_ERR__INVALID_ARG;
}

int main(int count, char **arguments) {
    char message[512], line[512];
    broker_count = count > 1 ? atoi(arguments[1]) : 1;
    rd_kafka_t *client = rd_kafka_new(RD_KAFKA_PRODUCER, rd_kafka_conf_new(), message, sizeof message);
    if (client == NULL || (cluster = rd_kafka_mock_cluster_new(client, broker_count)) == NULL) {
        fprintf(stderr, "mock: no cluster: %s\n", message);
        return 1;
    }
    setvbuf(stdout, NULL, _IOLBF, 0);
    puts(rd_kafka_mock_cluster_bootstraps(cluster));
    while (fgets(line, sizeof line, stdin)) {
        rd_kafka_resp_err_t error = obey(line);
        puts(error ? rd_kafka_err2name(error) : "ok");
    }
    rd_kafka_mock_cluster_destroy(cluster);
    rd_kafka_destroy(client);
    return 0;
}
