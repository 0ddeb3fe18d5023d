#include "engine/event_loop.h"

#include <fmt/format.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>
#include <vector>

#include "format/metric_protobuf.h"
#include "support/clock.h"
#include "support/fd.h"
#include "support/memory_reserve.h"
#include "support/status.h"
#include "support/stop_signal.h"

namespace probe_run {
namespace {

// Waking up for each record costs far more than printing it: after a drain, records are left to gather for this long.
constexpr int gather_ms = 2;
// A reader that did not take everything is tried again after this long.
constexpr std::int64_t retry_ns = 20'000'000;
// Readers of a pipe or a terminal never wait longer than this for a line.
constexpr std::int64_t flush_ns = 100'000'000;
// Drains before an answer to a scraper, shared by all that are answered at one time: a stream that never pauses must
// not keep them waiting, nor keep signals and the end of the run waiting for them.
constexpr int scrape_rounds = 16;

[[noreturn]] void failed(std::string_view what) {
  throw Error(fmt::format("{}: {}", what, errno_text(errno)));
}

class EventLoop {
  using Drained = LiveProbe::Drained;

 public:
  EventLoop(std::list<LiveProbe>& probes, SinkSet& sinks, const Options& options, HttpEndpoint* endpoint,
            Interlude& interlude, RunReport& report)
      : sinks_(sinks),
        endpoint_(endpoint),
        interlude_(interlude),
        quiet_(options.quiet),
        report_(report),
        control_(::epoll_create1(EPOLL_CLOEXEC)),
        everything_(::epoll_create1(EPOLL_CLOEXEC)),
        timer_(::timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK)),
        clock_watch_(::timerfd_create(CLOCK_REALTIME, TFD_CLOEXEC | TFD_NONBLOCK)) {
    MemoryReserve::take_used();  // what it was needed for is set up
    if (!control_ || !everything_ || !timer_ || !clock_watch_) failed("cannot set up the event loop");
    add(control_, signal_fd(), EPOLLIN);
    add(control_, timer_.get(), EPOLLIN);
    add(control_, clock_watch_.get(), EPOLLIN);
    watch_clock();
    // A closed pipe is reported as an error even with no events requested. Regular files cannot be watched, and
    // need not be.
    epoll_event errors{};
    errors.data.fd = STDOUT_FILENO;
    if (::epoll_ctl(control_.get(), EPOLL_CTL_ADD, STDOUT_FILENO, &errors) != 0 && errno != EPERM &&
        errno != EBADF) {
      failed("cannot watch standard output");
    }
    if (endpoint_ != nullptr) {
      add(control_, endpoint_->fd(), EPOLLIN);
      endpoint_->set_write([this](MetricsForm form, TextBuffer& out) { write_metrics(form, out); },
                           interlude_);
    }
    add(everything_, control_.get(), EPOLLIN);
    for (LiveProbe& probe : probes) {
      probes_.push_back(&probe);
      for (const int fd : probe.fds()) add(everything_, fd, EPOLLIN);
    }
    interlude_.set([this] {
      // What was used up to now is of the probe within whose work this is.
      if (at_work_ != nullptr) check_memory(*at_work_);
      if (full()) return;
      for (LiveProbe* probe : probes_) {
        probe->take_records();
        check_memory(*probe);
      }
    });
    sinks_.metrics().set_interlude(interlude_);
    duration_ = options.duration;
  }

  ~EventLoop() { interlude_.set(nullptr); }
  EventLoop(const EventLoop&) = delete;
  EventLoop& operator=(const EventLoop&) = delete;

  void run() {
    std::int64_t last_flush = tick();  // intervals begin now
    // As many whole intervals as fit.
    if (duration_)
      end_ = duration_->count() < INT64_MAX - last_flush ? last_flush + duration_->count() : INT64_MAX;
    sinks_.patience().set_end(end_);
    // The first drain is unconditional: a perf buffer reports only once what came before the loop.
    Drained drained = Drained::all;
    while (!stopped()) {
      arm_timer();
      wait(drained);
      const std::int64_t now = tick();
      if (stopped()) break;
      sinks_.patience().begin_turn();
      if (endpoint_ != nullptr) serve(now);
      drained = full() ? Drained::all : drain(probes_);
      for (LiveProbe* probe : probes_) {
        work_for(*probe, [&] { probe->poll(now); });
      }
      if (drained == Drained::nothing || now - last_flush >= flush_ns || behind()) {
        flush();
        last_flush = now;
      }
      look_after_probes();
    }
    sinks_.patience().finish(signalled_);
    stop(std::exchange(probes_, {}));
    sinks_.finish();
  }

 private:
  static void add(const Fd& epoll, int fd, std::uint32_t events) {
    epoll_event event{};
    event.events = events;
    event.data.fd = fd;
    if (::epoll_ctl(epoll.get(), EPOLL_CTL_ADD, fd, &event) != 0) failed("cannot watch a file descriptor");
  }

  bool stopped() const {
    const auto complete = [](const LiveProbe* probe) { return probe->complete() || probe->over(); };
    return stop_ || report_.ends_all() || std::all_of(probes_.begin(), probes_.end(), complete);
  }

  // Ends the probes that cannot continue.
  void look_after_probes() {
    std::vector<LiveProbe*> ended;
    for (LiveProbe* probe : probes_) {
      const bool broken = probe->broken();
      if (broken || probe->unread()) ended.push_back(probe);
      // With a single spec, this is reported at the end.
      if (!report_.several()) continue;
      if (const std::string failure = probe->failure(); !failure.empty())
        report_.failed(probe->report(), failure, broken);
    }
    if (ended.empty()) return;
    for (LiveProbe* probe : ended) {
      for (const int fd : probe->fds()) ::epoll_ctl(everything_.get(), EPOLL_CTL_DEL, fd, nullptr);
      std::erase(probes_, probe);
      probe->report().runs = false;
    }
    if (probes_.empty()) sinks_.patience().finish(signalled_);
    stop(ended);
  }

  void arm_timer() {
    std::optional<std::int64_t> next = end_;
    if (behind()) {
      const std::int64_t retry = monotonic_now() + retry_ns;
      if (!next || retry < *next) next = retry;
    }
    for (const LiveProbe* probe : probes_) {
      const std::optional<std::int64_t> deadline = probe->deadline();
      if (deadline && (!next || *deadline < *next)) next = deadline;
    }
    if (endpoint_ != nullptr) {
      endpoint_deadline_ = endpoint_->deadline();
      if (endpoint_deadline_ && (!next || *endpoint_deadline_ < *next)) next = endpoint_deadline_;
    }
    itimerspec when{};
    if (next) {
      when.it_value.tv_sec = *next / 1'000'000'000;
      when.it_value.tv_nsec = std::max<std::int64_t>(*next % 1'000'000'000, 1);
    }
    if (::timerfd_settime(timer_.get(), TFD_TIMER_ABSTIME, &when, nullptr) != 0) failed("cannot set a timer");
  }

  // Becomes readable when the clock is set or the machine resumes: earlier events must be shown with the old clock,
  // so the step must be noticed at once.
  void watch_clock() {
    itimerspec never{};
    never.it_value.tv_sec = std::int64_t{1} << 33;  // in the year 2242
    constexpr int flags = TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET;
    if (::timerfd_settime(clock_watch_.get(), flags, &never, nullptr) != 0) failed("cannot watch the clock");
  }

  void wait(Drained drained) {
    epoll_event event{};
    int count = 0;
    switch (drained) {
      case Drained::nothing:
        count = ::epoll_wait(everything_.get(), &event, 1, -1);
        break;
      case Drained::all:
        count = ::epoll_wait(control_.get(), &event, 1, gather_ms);
        break;
      case Drained::more:
        return;
    }
    if (count < 0 && errno != EINTR) failed("cannot wait for events");
  }

  // Handles signals, the end of the run and a closed standard output; returns the time.
  std::int64_t tick() {
    take(take_signals());
    epoll_event events[8];
    const int count = ::epoll_wait(control_.get(), events, 8, 0);
    for (int i = 0; i < count; ++i) {
      if (endpoint_ != nullptr && events[i].data.fd == endpoint_->fd()) {
        asked_ = true;
      } else if (events[i].data.fd == STDOUT_FILENO) {
        close_stdout();
      }
    }
    std::uint64_t expirations = 0;
    const ssize_t ignored =
        ::read(timer_.get(), &expirations, sizeof expirations);  // only to make it unreadable again
    static_cast<void>(ignored);
    if (::read(clock_watch_.get(), &expirations, sizeof expirations) < 0 && errno == ECANCELED) watch_clock();
    const std::int64_t now = monotonic_now();
    if (end_ && now >= *end_) stop_ = true;
    // What is still queued belongs to the interval that ends with the run: it is drained before the time goes on.
    if (stop_) return now;
    for (LiveProbe* probe : probes_)
      work_for(*probe, [&] { probe->time(now, clock_ns(CLOCK_REALTIME) - now); });
    return now;
  }

  // Only what writes there ends.
  void close_stdout() noexcept {
    ::epoll_ctl(control_.get(), EPOLL_CTL_DEL, STDOUT_FILENO, nullptr);
    sinks_.close_stdout();
    for (LiveProbe* probe : probes_) probe->close_stdout();
  }

  void take(const Signals& signals) noexcept {
    if (signals.stop) stop_ = signalled_ = true;
    // SIGHUP means that output files were rotated; without output files, that the terminal was closed.
    if (signals.hang_up && !sinks_.reopen() && !signals.ignores_hang_up) stop_ = signalled_ = true;
  }

  void serve(std::int64_t now) noexcept {
    if (!asked_ && (!endpoint_deadline_ || now < *endpoint_deadline_)) return;
    asked_ = false;
    scrape_rounds_left_ = scrape_rounds;
    endpoint_->run();
    if (const std::string name = endpoint_->take_refused_name(); !name.empty() && !quiet_) {
      print_status(Patience::of_a_run, "refused a request for metrics at \"{}\"{}", name,
                   PermittedHosts::is_valid(name)
                       ? fmt::format(": permit the name with --allow-host {}", name)
                       : std::string(": ask by an IP address or as localhost"));
    }
  }

  // The scraper gets the current state.
  void write_metrics(MetricsForm form, TextBuffer& out) {
    while (scrape_rounds_left_ > 0 && !full() && drain(probes_) == Drained::more) --scrape_rounds_left_;
    for (LiveProbe* probe : probes_) {
      work_for(*probe, [&] { probe->refresh_metrics(); });
    }
    sinks_.metrics().serve([&](const MetricPages::Families& families) {
      switch (form) {
        case MetricsForm::text:
          return append_metrics(out, families, MetricDialect::prometheus, interlude_);
        case MetricsForm::openmetrics:
          return append_metrics(out, families, MetricDialect::openmetrics, interlude_);
        case MetricsForm::protobuf:
          return append_metrics_protobuf(out, families, interlude_);
      }
    });
  }

  Drained drain(const std::vector<LiveProbe*>& probes) noexcept {
    Drained drained = Drained::nothing;
    for (LiveProbe* probe : probes) {
      drained = std::max(drained, probe->drain());
      check_memory(*probe);
    }
    return drained;
  }

  template <typename Work>
  void work_for(LiveProbe& probe, const Work& work) noexcept {
    at_work_ = &probe;
    work();
    at_work_ = nullptr;
    check_memory(probe);
  }

  // After each piece of work for a probe: it ends if there was no memory for it.
  void check_memory(LiveProbe& probe) noexcept {
    if (MemoryReserve::take_used()) probe.ran_out_of_memory();
  }

  // A slow reader is waited for: records stay in the kernel, where those that are too many are counted as lost.
  bool full() const noexcept {
    return sinks_.full() || std::any_of(probes_.begin(), probes_.end(),
                                        [](const LiveProbe* probe) { return probe->recording_is_full(); });
  }

  // Something waits for a reader.
  bool behind() const noexcept {
    return sinks_.behind() || std::any_of(probes_.begin(), probes_.end(), [](const LiveProbe* probe) {
             return probe->recording_is_behind();
           });
  }

  void flush() noexcept {
    sinks_.flush();
    for (LiveProbe* probe : probes_) probe->flush_recording();
  }

  void stop(const std::vector<LiveProbe*>& probes) {
    detach_all(probes);
    // A program that was running when it was detached may still send a record: stop after two empty rounds. One that
    // stays attached, by a pin, never stops: what it sends after the limit came after the end of the run.
    constexpr std::uint64_t empty_rounds = 2;
    std::uint64_t most_rounds = 0, empty = 0;
    for (const LiveProbe* probe : probes) most_rounds = std::max(most_rounds, probe->most_drains());
    most_rounds += empty_rounds;
    const auto is_over = [](const LiveProbe* probe) { return probe->unread() || probe->complete(); };
    for (std::uint64_t round = 0;
         round < most_rounds && empty < empty_rounds && !std::all_of(probes.begin(), probes.end(), is_over);
         ++round) {
      empty = drain(probes) == Drained::nothing ? empty + 1 : 0;
      interlude_.look();  // for the specs that go on
      if (empty == 1) {
        const timespec pause{0, std::int64_t{gather_ms} * 1'000'000};
        ::nanosleep(&pause, nullptr);
      }
    }
    const std::int64_t now = monotonic_now();
    for (LiveProbe* probe : probes) {
      probe->time(now, clock_ns(CLOCK_REALTIME) - now);
      probe->finish();
    }
    flush();
  }

  std::vector<LiveProbe*> probes_;  // those that are still running
  LiveProbe* at_work_ = nullptr;    // whose map is read or printed
  SinkSet& sinks_;
  HttpEndpoint* endpoint_;
  Interlude& interlude_;
  bool quiet_;
  RunReport& report_;
  Fd control_;     // signals, the timer and stdout
  Fd everything_;  // the same, and the streams
  Fd timer_;
  Fd clock_watch_;
  std::optional<Duration> duration_;
  std::optional<std::int64_t> end_;
  std::optional<std::int64_t> endpoint_deadline_;
  int scrape_rounds_left_ = 0;
  bool asked_ = false;  // the endpoint has something to do
  bool stop_ = false;
  bool signalled_ = false;  // to stop
};

}  // namespace

std::int64_t monotonic_now() {
  return clock_ns(CLOCK_MONOTONIC);
}

void run_event_loop(std::list<LiveProbe>& probes, SinkSet& sinks, const Options& options,
                    HttpEndpoint* endpoint, Interlude& interlude, RunReport& report) {
  EventLoop(probes, sinks, options, endpoint, interlude, report).run();
}

}  // namespace probe_run
