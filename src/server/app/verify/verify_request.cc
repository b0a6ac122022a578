#include "server/app/verify/verify_request.h"

#include "parity/verification.h"
#include "server/app/several_models.h"

namespace tenfold::server::verify {

Result<VerifyRequest> read_verify(const Json& json) {
  VerifyRequest request;
  request.max_tokens = Verification::default_tokens;
  BodyReader reader(json, "");
  take_models(reader, request.models);
  take_number(reader, "max_tokens", 1, most_tokens, request.max_tokens);
  take_load(reader, request.threads, request.context_size);
  reader.optional("stream", request.stream);
  TRY(reader.finish());
  return request;
}

}  // namespace tenfold::server::verify
