/* SPDX-License-Identifier: MIT */
/* Input: a verb (its first byte) and a request. Nothing is touched: one that names files is only decoded. */
#include "contract/decode.h"
#include "contract/encode.h"
#include "core/plan.h"
#include "fuzz.h"
#include "run.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct mh_request request;
    struct mh_result result;
    struct mh_buffer buffer = {0};
    struct mh_error err = {0};
    if (size == 0)
        return 0;
    enum mh_verb verb = (enum mh_verb)(bytes[0] % 3);
    if (mh_request_decode(verb, (const char *)bytes + 1, size - 1, &request, &err) == MH_OK) {
        mh_request_clear(&request);
        return 0;
    }
    FUZZ_REQUIRE(err.status != MH_OK && err.message[0]);
    mh_run_refused(verb, &err, &result);
    mh_result_encode(&result, &buffer);
    mh_result_print(&result, &buffer);
    FUZZ_REQUIRE(!buffer.failed);
    mh_result_clear(&result);
    mh_buffer_clear(&buffer);
    return 0;
}
