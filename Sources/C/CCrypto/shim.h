#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

/// Macros that Swift cannot read, and names of parameters, which libcrypto keeps pointers to.
static const int CCRYPTO_PUBLIC_KEY = EVP_PKEY_PUBLIC_KEY;
static const char *const CCRYPTO_GROUP_NAME = OSSL_PKEY_PARAM_GROUP_NAME;
static const char *const CCRYPTO_POINT = OSSL_PKEY_PARAM_PUB_KEY;
static const char *const CCRYPTO_RSA_N = OSSL_PKEY_PARAM_RSA_N;
static const char *const CCRYPTO_RSA_E = OSSL_PKEY_PARAM_RSA_E;
