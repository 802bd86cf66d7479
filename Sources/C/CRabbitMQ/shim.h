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
static const amqp_method_number_t outrider_basic_cancel = AMQP_BASIC_CANCEL_METHOD;

/* amqp_login takes a variable number of arguments, which Swift cannot pass. */
static inline amqp_rpc_reply_t outrider_amqp_login(amqp_connection_state_t connection,
                                                   const char *vhost, int heartbeat,
                                                   const char *user, const char *password) {
  return amqp_login(connection, vhost, AMQP_DEFAULT_MAX_CHANNELS, AMQP_DEFAULT_FRAME_SIZE,
                    heartbeat, AMQP_SASL_METHOD_PLAIN, user, password);
}
