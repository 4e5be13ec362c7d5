#pragma once

#include <librdkafka/rdkafka.h>

#include <string>
#include <vector>

#include "schemas/record.h"

namespace catwalk::streams {

/// "topic T partition P", for an error.
std::string PlaceOf(const rd_kafka_message_t& message);

/// Adds the message's headers to `out`.
void ReadHeaders(const rd_kafka_message_t& message, std::vector<schemas::Header>* out);

/// The record that a delivery report is about, as it was given to the client.
schemas::OutgoingRecord RecordOf(const rd_kafka_message_t& report);

}  // namespace catwalk::streams
