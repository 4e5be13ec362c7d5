#include "streams/kafka_transaction.h"

#include <algorithm>
#include <utility>

#include "streams/kafka_config.h"
#include "streams/kafka_status.h"

namespace catwalk::streams {
namespace {

using SteadyClock = std::chrono::steady_clock;
constexpr int kPauseMs = 10;
constexpr int kContactMs = 500;
/// Else what is not committed in time would stay open, and hold up whoever restores from it.
constexpr std::chrono::milliseconds kAbortWait{1000};
constexpr std::chrono::milliseconds kFarewell{100};
constexpr std::chrono::milliseconds kFlushSlice{50};

int RemainingMs(SteadyClock::time_point deadline) {
  const auto remaining = std::chrono::ceil<std::chrono::milliseconds>(deadline - SteadyClock::now());
  return static_cast<int>(std::max<int64_t>(remaining.count(), 0));
}

/// The tag of a changelog record: any address but null.
constexpr char kChangelogTag = 0;

}  // namespace

Result<std::unique_ptr<KafkaTransaction>> KafkaTransaction::Open(const KafkaOptions& options, const std::string& id,
                                                                 const Clock& clock) {
  std::unique_ptr<KafkaTransaction> transaction(new KafkaTransaction(options, id, clock));
  ASSIGN_OR_RETURN(transaction->producer_, transaction->OpenProducer());
  return transaction;
}

/// A call of librdkafka 2.15.1 that is made again may take what it was told before for the answer to another of its steps, if the
/// client is slow to say so: to look seldom is to call seldom.
KafkaTransaction::KafkaTransaction(const KafkaOptions& options, std::string id, const Clock& clock)
    : options_(options), id_(std::move(id)), clock_(clock), patience_(options.transaction_timeout_ms),
      look_every_(options.revocation_timeout_ms / 3) {}

Result<std::unique_ptr<KafkaProducer>> KafkaTransaction::OpenProducer() {
  const KafkaCallbacks callbacks{.opaque = this, .delivered = OnDelivered, .polled = true};
  return KafkaProducer::Open(options_, TransactionSettings(options_, id_), callbacks, clock_);
}

/// librdkafka 2.15.1 aborts the process (txn_req_cnt > 0) if a client goes while a partition of its transaction is being
/// registered, a millisecond after the first record to it. A client that has begun to abort registers nothing more.
KafkaTransaction::~KafkaTransaction() {
  look_ = [](auto) {};  // who wanted to look may be gone
  LimitWaits(kFarewell);
  (void)Drop();  // Init of the next one says what cannot be dropped
}

void KafkaTransaction::OnDelivered(rd_kafka_t* /*client*/, const rd_kafka_message_t* message, void* transaction) {
  auto& self = *static_cast<KafkaTransaction*>(transaction);
  if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
    // What stood in one batch with the record that failed, or still waited then, has errors that say nothing of why.
    if (self.failed_delivery_ == RD_KAFKA_RESP_ERR_NO_ERROR || self.failed_delivery_ == RD_KAFKA_RESP_ERR_INVALID_RECORD ||
        self.failed_delivery_ == RD_KAFKA_RESP_ERR__PURGE_QUEUE)
      self.failed_delivery_ = message->err;
  } else if (message->offset < 0) {
    self.failed_delivery_ = RD_KAFKA_RESP_ERR__NO_OFFSET;  // the client has inferred it: see kafka_writer.h
  } else {
    --self.unanswered_;
    if (message->_private == nullptr) return;
    int64_t& end = self.changelog_ends_[message->partition];
    end = std::max(end, message->offset + 1);
  }
}

KafkaTransaction::Wait KafkaTransaction::WaitFor(std::chrono::milliseconds least) const {
  const auto now = SteadyClock::now();
  return {.until = now + patience_, .least = now + least};
}

/// Calls, for `slice` at a time, until it succeeds, fails for good or the wait is over; then the error stays retryable.
Status KafkaTransaction::Insist(const char* what, const Wait& wait, std::chrono::milliseconds slice, const Call& call) {
  for (;;) {
    const auto began = SteadyClock::now();
    const int left_ms = std::min(RemainingMs(EndOf(wait)), static_cast<int>(slice.count()));
    const ErrorPtr error = call(producer_->client(), std::max(left_ms, kPauseMs));
    if (!error) return Status::Ok();
    if (rd_kafka_error_is_fatal(error.get())) return Fatal(what);
    Status status = KafkaError(error.get(), what);
    if (!status.retryable() || SteadyClock::now() >= EndOf(wait)) return status;
    rd_kafka_poll(producer_->client(), kPauseMs);
    look_(began);
  }
}

/// What the client has ended by; nothing if it has not. A process that stood still for longer than a transaction may take finds that
/// the broker has given it up, by the same word as if another one had taken its name.
Status KafkaTransaction::Fatal(const char* what) {
  Status status = FatalError(producer_->client(), what);
  if (status.code() != Code::kFenced || !open_ || SteadyClock::now() - began_ < patience_) return status;
  return {Code::kTimeout, "transaction " + id_ + " was open for too long, and the broker has given it up; it will be tried anew",
          Recovery::kFatal};
}

Status KafkaTransaction::Init() { return TakeOver(WaitFor()); }

Status KafkaTransaction::TakeOver(const Wait& wait) {
  AwaitContact();
  return Insist("transactions", wait, look_every_, [](rd_kafka_t* client, int timeout_ms) {
    return ErrorPtr(rd_kafka_init_transactions(client, timeout_ms));
  });
}

/// A client that has no connection yet when it is to look for its coordinator looks again only half a second later.
void KafkaTransaction::AwaitContact() {
  const rd_kafka_metadata_t* metadata = nullptr;
  const auto error = rd_kafka_metadata(producer_->client(), 0, nullptr, &metadata, kContactMs);
  if (error == RD_KAFKA_RESP_ERR_NO_ERROR) rd_kafka_metadata_destroy(metadata);
}

Status KafkaTransaction::Begin() {
  RETURN_IF_ERROR(Insist("begin of a transaction", WaitFor(), patience_,
                         [](rd_kafka_t* client, int) { return ErrorPtr(rd_kafka_begin_transaction(client)); }));
  open_ = true;
  began_ = SteadyClock::now();
  failed_delivery_ = RD_KAFKA_RESP_ERR_NO_ERROR;
  changelog_ends_.clear();
  return Status::Ok();
}

Status KafkaTransaction::Produce(const schemas::OutgoingRecord& record, bool changelog) {
  void* const tag = changelog ? const_cast<char*>(&kChangelogTag) : nullptr;
  ++unanswered_;
  Status status = producer_->Produce(record, tag);
  if (status.ok()) return status;
  const auto deadline = Deadline();
  while (status.code() == Code::kBackpressure && SteadyClock::now() < deadline) {
    rd_kafka_poll(producer_->client(), kPauseMs);
    status = producer_->Produce(record, tag);
  }
  if (status.ok()) return status;
  --unanswered_;
  // A transaction that can no longer be committed refuses records too: it is to be aborted, unless the client has
  // ended.
  RETURN_IF_ERROR(Fatal("kafka producer"));
  if (status.code() == Code::kInvalidArgument || status.code() == Code::kNotFound) return status;
  return {status.code(), status.message(), Recovery::kAbortable};
}

Status KafkaTransaction::Deliver() {
  const Wait wait = WaitFor();
  auto error = RD_KAFKA_RESP_ERR__TIMED_OUT;
  for (bool more = true; more && error == RD_KAFKA_RESP_ERR__TIMED_OUT;) {
    const auto began = SteadyClock::now();
    const int left_ms = RemainingMs(EndOf(wait));
    error = rd_kafka_flush(producer_->client(), std::min(left_ms, static_cast<int>(kFlushSlice.count())));
    more = left_ms > kFlushSlice.count();
    look_(began);
  }
  RETURN_IF_ERROR(Fatal("kafka producer"));
  RETURN_IF_ERROR(KafkaError(failed_delivery_, "a record was not delivered", {}, Recovery::kAbortable));
  return KafkaError(error, "records were not delivered", {}, Recovery::kAbortable);
}

Status KafkaTransaction::SendOffsets(const rd_kafka_topic_partition_list_t& offsets,
                                     const rd_kafka_consumer_group_metadata_t& member) {
  const auto end_of_patience = SteadyClock::now() + std::min(patience_, AnswerLimit(options_));
  Status status = Insist("offsets of a transaction", {.until = end_of_patience, .least = {}}, patience_, [&](rd_kafka_t* client, int timeout_ms) {
    return ErrorPtr(rd_kafka_send_offsets_to_transaction(client, &offsets, &member, timeout_ms));
  });
  // librdkafka 2.15.1 may go on waiting for a coordinator that has left the cluster (rd_kafka_coord_req_fsm); a new client does not.
  if (status.code() == Code::kTimeout && SteadyClock::now() >= end_of_patience) return {status.code(), status.message(), Recovery::kFatal};
  if (!status.retryable()) return status;
  return {status.code(), status.message(), Recovery::kAbortable};
}

Status KafkaTransaction::Commit() {
  Status status = Insist("commit of a transaction", WaitFor(), look_every_, [](rd_kafka_t* client, int timeout_ms) {
    return ErrorPtr(rd_kafka_commit_transaction(client, timeout_ms));
  });
  if (status.ok()) open_ = false;
  undecided_ = open_ && !status.abortable();
  if (!status.retryable()) return status;
  return {Code::kTimeout,
          "transaction " + id_ + ": the broker has not answered the commit; start again to learn how it ended",
          Recovery::kFatal};
}

Status KafkaTransaction::Abort() {
  RETURN_IF_ERROR(Drop());
  return unanswered_ == 0 ? Status::Ok() : ReplaceClient();
}

/// A client whose commit is under way is not asked to abort: librdkafka 2.15.1 would take the answer to the one for that to the other
/// (an assertion, "Invalid transaction state transition").
Status KafkaTransaction::Drop() {
  if (!open_ || undecided_) return Status::Ok();
  RETURN_IF_ERROR(Insist("abort of a transaction", WaitFor(kAbortWait), look_every_, [](rd_kafka_t* client, int timeout_ms) {
    return ErrorPtr(rd_kafka_abort_transaction(client, timeout_ms));
  }));
  open_ = false;
  return Status::Ok();
}

/// A client of librdkafka 2.15.1 that aborts drops the records that wait to be sent again and gives their sequence numbers to the next
/// ones (ADVBASE). Where the broker had taken them it takes the next ones for repetitions: it drops them and says that they are
/// stored. A new client has an epoch of its own.
Status KafkaTransaction::ReplaceClient() {
  ASSIGN_OR_RETURN(producer_, OpenProducer());
  unanswered_ = 0;
  Status status = TakeOver(WaitFor(kAbortWait));
  if (!status.retryable()) return status;
  return {status.code(), status.message(), Recovery::kFatal};
}

std::optional<int64_t> KafkaTransaction::ChangelogEnd(int32_t partition) const {
  const auto found = changelog_ends_.find(partition);
  return found == changelog_ends_.end() ? std::nullopt : std::optional(found->second);
}

}  // namespace catwalk::streams
