#pragma once

namespace catwalk::state {

/// The order in which a cache gives things up: oldest first, but what was used since it was last looked at is passed
/// over once ("second chance", Corbató 1968). A use is one store to `used`. Intrusive: T derives from Hook and is
/// borrowed until removed; nothing is allocated. Not thread-safe.
template <class T>
class ClockQueue {
 public:
  class Hook {
   public:
    bool used = false;

   private:
    friend class ClockQueue;
    Hook* older_ = nullptr;
    Hook* newer_ = nullptr;
  };

  ClockQueue() { ends_.older_ = ends_.newer_ = &ends_; }
  ClockQueue(const ClockQueue&) = delete;
  ClockQueue& operator=(const ClockQueue&) = delete;

  void PushBack(T& item) { Link(item); }
  void Remove(T& item) { Unlink(item); }

  /// The next one to give up; it stays in the queue. The queue must not be empty.
  T& Advance() {
    Hook* oldest = ends_.newer_;
    for (; oldest->used; oldest = ends_.newer_) {
      oldest->used = false;
      Unlink(*oldest);
      Link(*oldest);
    }
    return static_cast<T&>(*oldest);
  }

 private:
  void Link(Hook& hook) {
    hook.older_ = ends_.older_;
    hook.newer_ = &ends_;
    ends_.older_->newer_ = &hook;
    ends_.older_ = &hook;
  }
  static void Unlink(Hook& hook) {
    hook.older_->newer_ = hook.newer_;
    hook.newer_->older_ = hook.older_;
  }

  Hook ends_;  // newer_ is the oldest, older_ the newest
};

}  // namespace catwalk::state
