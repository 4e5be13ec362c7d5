#pragma once

#include <cstdint>

#include "models/fold_in.h"
#include "models/ranking.h"
#include "schemas/codec.h"

namespace catwalk::operators {

enum class ListMaker {
  kBlend,    // all signals, weighed by what is learned (models/ranking.h)
  kPlain,    // the product of user vector and design factor, else popularity (models/retrieval.h)
  kLatest,   // the latest of the history: what is left is the cost of the framework, for benchmarks
};

/// What the user sub-topology can be told.
struct UserOptions {
  /// Interactions kept per user. Default: 500.
  int history_limit = 500;
  /// Event ids remembered per user for deduplication. Default: 512.
  int seen_limit = 512;
  /// Bought designs remembered beyond the history. Default: 500.
  int bought_limit = 500;
  /// Entries of a list. Default: 10.
  int list_size = 10;
  /// Designs a user touched before that the design sub-topology is told. Default: 10.
  int recent_limit = 10;
  /// Whether the design sub-topology is told of each interaction. Without, factors do not change, unless they come from
  /// elsewhere. Default: true.
  bool design_updates = true;
  /// Designs not chosen that a choice is compared with when the blend learns from it, drawn from those that ranked high. Default: 16.
  int negatives = 16;
  /// What lists are made by. Default: the blend.
  ListMaker list_maker = ListMaker::kBlend;
  /// Whether lists are made for events. Without, users are learned from all the same, and lists are made for those who ask. Default: true.
  bool sends_lists = true;
  /// Whether lists say why ("because you rented …"). Default: true.
  bool reasons = true;
  /// How outputs for others are encoded. Default: Protobuf.
  schemas::Encoding encoding = schemas::Encoding::kProtobuf;
  /// The schema id for Confluent framing. Default: 0.
  int32_t schema_id = 0;
  /// Decoded user states kept in memory per task, in entries and in encoded bytes. Default: 50,000 and 32 MiB.
  int cache_entries = 50'000;
  int64_t cache_bytes = 32LL << 20;
  models::FoldInOptions fold_in;
  /// Default: explores a little, by 0.1.
  models::RankingOptions ranking{.left_out = {}, .exploration = 0.1F};
};

}  // namespace catwalk::operators
