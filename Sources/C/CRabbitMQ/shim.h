#include <amqp.h>
#include <amqp_framing.h>
#include <amqp_ssl_socket.h>
#include <amqp_tcp_socket.h>

/* The numbers of the methods that are looked at: Swift does not see macros with casts. */
static const amqp_method_number_t outrider_connection_close = AMQP_CONNECTION_CLOSE_METHOD;
static const amqp_method_number_t outrider_connection_blocked = AMQP_CONNECTION_BLOCKED_METHOD;
static const amqp_method_number_t outrider_connection_unblocked = AMQP_CONNECTION_UNBLOCKED_METHOD;
static const amqp_method_number_t outrider_channel_close = AMQP_CHANNEL_CLOSE_METHOD;
static const amqp_method_number_t outrider_channel_close_ok = AMQP_CHANNEL_CLOSE_OK_METHOD;
static const amqp_method_number_t outrider_basic_ack = AMQP_BASIC_ACK_METHOD;
static const amqp_method_number_t outrider_basic_nack = AMQP_BASIC_NACK_METHOD;
static const amqp_method_number_t outrider_basic_return = AMQP_BASIC_RETURN_METHOD;
static const amqp_method_number_t outrider_basic_deliver = AMQP_BASIC_DELIVER_METHOD;
static const amqp_method_number_t outrider_basic_get_ok = AMQP_BASIC_GET_OK_METHOD;
static const amqp_method_number_t outrider_basic_cancel = AMQP_BASIC_CANCEL_METHOD;

/* The login, which takes a variable number of arguments, so that Swift cannot make it. Tells the
   broker what librabbitmq does not by itself: that we heed refused publishes, deleted queues and
   blocked connections (RabbitMQ's client capabilities). */
static inline amqp_rpc_reply_t outrider_amqp_login(amqp_connection_state_t connection,
                                                   const char *vhost, int heartbeat,
                                                   const char *user, const char *password) {
  const char *names[] = {"basic.nack", "connection.blocked", "consumer_cancel_notify",
                         "publisher_confirms"};
  amqp_table_entry_t capabilities[4];
  for (int i = 0; i < 4; i++) {
    capabilities[i].key = amqp_cstring_bytes(names[i]);
    capabilities[i].value.kind = AMQP_FIELD_KIND_BOOLEAN;
    capabilities[i].value.value.boolean = 1;
  }
  amqp_table_entry_t properties[2];
  properties[0].key = amqp_cstring_bytes("capabilities");
  properties[0].value.kind = AMQP_FIELD_KIND_TABLE;
  properties[0].value.value.table.num_entries = 4;
  properties[0].value.value.table.entries = capabilities;
  properties[1].key = amqp_cstring_bytes("connection_name");
  properties[1].value.kind = AMQP_FIELD_KIND_UTF8;
  properties[1].value.value.bytes = amqp_cstring_bytes("outrider");
  amqp_table_t table = {2, properties};
  return amqp_login_with_properties(connection, vhost, AMQP_DEFAULT_MAX_CHANNELS,
                                    AMQP_DEFAULT_FRAME_SIZE, heartbeat, &table,
                                    AMQP_SASL_METHOD_PLAIN, user, password);
}
