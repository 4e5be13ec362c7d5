#include "serve/message.h"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

namespace catwalk::serve {

Response ErrorResponse(int status, std::string_view what) {
  return {.status = status,
          .body = boost::json::serialize(boost::json::object{{"error", boost::json::string_view(what)}}) + "\n",
          .headers = {}};
}

Response ErrorResponse(const Status& status) {
  switch (status.code()) {
    case Code::kInvalidArgument: return ErrorResponse(400, status.message());
    case Code::kNotFound: return ErrorResponse(404, status.message());
    default: break;
  }
  Response response = ErrorResponse(status.code() == Code::kBackpressure ? 429 : 503, status.message());
  response.headers.emplace_back("Retry-After", "1");  // seconds
  return response;
}

}  // namespace catwalk::serve
