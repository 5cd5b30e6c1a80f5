#include <openssl/sha.h>

// OpenSSL 3 calls its functions for SHA-256 alone deprecated in favour of those for every digest, which look for a provider
// first: that takes longer than a small digest.
static inline void vcsh_sha256_start(SHA256_CTX *context) { SHA256_Init(context); }
static inline void vcsh_sha256_add(SHA256_CTX *context, const void *bytes, size_t count) {
  SHA256_Update(context, bytes, count);
}
static inline void vcsh_sha256_finish(SHA256_CTX *context, unsigned char *digest) { SHA256_Final(digest, context); }
