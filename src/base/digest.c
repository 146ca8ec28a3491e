/* SHA-256 by libcrypto. */
#include "config.h"
#include "base/digest.h"

#include <assert.h>
#include <openssl/evp.h>
#include <string.h>

/* Fetched once: looking the algorithm up takes longer than hashing a short text. */
static const EVP_MD *
sha256(void)
{
	static EVP_MD *md;

	if (md == NULL)
		md = EVP_MD_fetch(NULL, "SHA256", NULL);
	/* Only a broken installation lacks it, and no record could be made without it. */
	assert(md != NULL);
	return md;
}

void
digest_bytes(const void *data, size_t len, char out[static DIGEST_SIZE])
{
	static const char hex[] = "0123456789abcdef";
	unsigned char sum[EVP_MAX_MD_SIZE];
	unsigned int size = 0;
	int ok = EVP_Digest(data, len, sum, &size, sha256(), NULL);

	assert(ok == 1 && size == DIGEST_LEN / 2);
	for (size_t i = 0; i < size; i++) {
		out[2 * i] = hex[sum[i] >> 4];
		out[2 * i + 1] = hex[sum[i] & 0x0f];
	}
	out[DIGEST_LEN] = '\0';
}

void
digest_text(const char *text, char out[static DIGEST_SIZE])
{
	digest_bytes(text, strlen(text), out);
}
