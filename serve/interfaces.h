#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "models/design_table.h"
#include "schemas/outputs.pb.h"
#include "schemas/record.h"

// What HTTP needs from the rest of the program, which binds it in apps/. All of it is called from several threads at
// once and must outlive the server.
namespace catwalk::serve {

/// Where events go.
class EventSink {
 public:
  virtual ~EventSink() = default;
  /// Takes the records over, all or none. kBackpressure (nothing taken) when too much is in flight.
  virtual Status Append(std::vector<schemas::OutgoingRecord> records) = 0;
  /// Returns when everything appended before is durable. kTimeout if that takes longer: called again, it goes on
  /// waiting. Any other error: something appended before will not be durable.
  virtual Status Sync(std::chrono::milliseconds timeout) = 0;
};

/// A design as the global tables have it.
struct DesignView {
  std::string id;
  std::optional<models::CatalogueEntry> catalogue;  // none: only its events are known
  std::optional<double> log_popularity;             // log2 of the decayed weight, comparable across designs
  std::optional<double> weight;                     // of all its events ever, undecayed
  bool has_factor = false;
  double factor_norm = 0;                           // Euclidean
};

/// Questions about committed state. Called on a worker thread, so reading the disk is fine.
class Queries {
 public:
  virtual ~Queries() = default;
  /// The current list of a user, at most `count` items; for a user never seen, a newcomer's; with what each feature contributed to
  /// the scores if `contributions`. kUnavailable while the tables or the user's task are not there yet.
  virtual Result<schemas::Recommendation> Recommend(std::string_view user_id, int count, bool contributions) = 0;
  /// kNotFound for a design nobody has mentioned.
  virtual Result<DesignView> Design(std::string_view design_id) = 0;
  /// HOST:PORT of the process that owns the user, if it is another one.
  virtual std::optional<std::string> OwnerOf(std::string_view user_id) = 0;
};

struct Readiness {
  bool ready = false;
  std::string reason;  // what is still missing; empty when ready
};

/// Whether events that come now are processed now. Called on the network thread: must not block.
class Health {
 public:
  virtual ~Health() = default;
  virtual Readiness Ready() = 0;
};

}  // namespace catwalk::serve
