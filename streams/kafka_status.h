#pragma once

#include <librdkafka/rdkafka.h>

#include <string>
#include <string_view>

#include "base/status.h"

namespace catwalk::streams {

/// librdkafka's code as ours: kFenced, kUnavailable, kTimeout, kNotFound, kUnsupported, kBackpressure, …; kInternal for
/// what nobody expects.
Code CodeOf(rd_kafka_resp_err_t error);

/// "`what`: <librdkafka's words>; <what to do>", with the code of `error`. `detail` replaces the words if not empty.
Status KafkaError(rd_kafka_resp_err_t error, std::string_view what, std::string_view detail = {},
                  Recovery recovery = Recovery::kFatal);

/// The same for the answer to a request that changes nothing, or can be made twice: retryable if the brokers could not
/// answer just now, else fatal.
Status RequestError(rd_kafka_resp_err_t error, std::string_view what, std::string_view detail = {});

/// The same for an error object, with the recovery it asks for. Null is ok. Does not take it over.
Status KafkaError(const rd_kafka_error_t* error, std::string_view what);

/// The error that has ended this client for good, if there is one.
Status FatalError(rd_kafka_t* client, std::string_view what);

}  // namespace catwalk::streams
