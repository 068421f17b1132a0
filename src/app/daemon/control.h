// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <list>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "app/daemon/access.h"
#include "app/daemon/clamping.h"
#include "app/daemon/options.h"
#include "app/daemon/rate_limit.h"
#include "app/daemon/reply.h"
#include "app/daemon/taking_up.h"
#include "app/daemon/units.h"
#include "app/show/governed.h"
#include "app/show/live_tree.h"
#include "app/show/render_events.h"
#include "app/show/render_plan.h"
#include "core/engine/engine.h"
#include "core/model/way_up.h"
#include "core/policy/by_hand.h"
#include "edge/http/server.h"
#include "edge/kernel/cgroup_fs_kernel.h"
#include "edge/kernel/writer_info.h"
#include "edge/systemd/listen_fds.h"
#include "edge/systemd/loop.h"

namespace reeve::daemon {

// What the control socket and the metrics port speak of. All of it outlives the Control.
struct Governing {
  const Options& options;
  kernel::CgroupFsKernel& fs;
  TakingUp& taking_up;
  Clamping& clamping;
  engine::Engine& engine;
  Units& units;
  systemd::Loop& loop;
  std::vector<systemd::PassedSocket>& sockets;  // of the supervisor; taken by Make
  std::function<void()> wake;                   // there may be work for the engine
  std::function<void(const http::Request&, http::Responder)> metrics;  // /metrics
  std::function<bool()> ready;                                         // the first pass is done
};

// The control socket and the metrics port: routes, who may use them, and the answers. Deciding is the engine's and
// TakingUp's; rendering is app/show's.
class Control {
 public:
  // Listens on the sockets that the supervisor passed: one named `metrics` for the metrics, any other for the
  // control socket; where it passed none, as the options say.
  //   errors   those of http::Server; another reeved listens
  static Result<std::unique_ptr<Control>> Make(Governing governing);

  Control(const Control&) = delete;
  // Whoever waits gets no answer any more, which is on record.
  ~Control();

  // The engine has come to rest: whoever waits for an apply is answered.
  void OnRested();

  // Something was added to the engine's event log.
  void OnEvents();

  // What only we know, for status.
  show::Governed Governed() const;

 private:
  // An apply or undo whose answer waits for the engine.
  struct Waiting {
    http::Request request;
    http::Responder responder;
    std::uint64_t previous = 0;  // generation
    engine::Instant since{0};
  };

  // A clamp whose cgroup is being made.
  struct PendingClamp {
    http::Request request;
    http::Responder responder;
    policy::HandRequest asked;
    policy::HandDocument document;
    engine::ClampWish wish;
    engine::ClampView view;
    engine::Instant since{0};
  };

  struct Route {
    std::string_view method;
    std::string_view path;
    bool changes = false;
    void (Control::*handle)(const http::Request&, http::Responder);
  };

  explicit Control(Governing governing);

  static const std::vector<Route>& Routes();
  Result<> Listen();
  Result<> ListenOnUnix();
  void ListenOnTcp();
  void Dispatch(const http::Request& request, http::Responder responder);

  // control.cc
  void Healthy(const http::Request& request, http::Responder responder);
  void Ready(const http::Request& request, http::Responder responder);
  void Metrics(const http::Request& request, http::Responder responder);
  // control_show.cc
  void Status(const http::Request& request, http::Responder responder);
  void FinishStatus();
  void ShowPlan(const http::Request& request, http::Responder responder);
  void FinishPlans();
  std::optional<http::Response> PlanAnswer(const http::Request& request, bool patient);
  void Diff(const http::Request& request, http::Responder responder);
  Result<engine::Generation> Side(const std::string& name);
  void Explain(const http::Request& request, http::Responder responder);
  void FinishExplain();
  bool IsUnit(const CgroupPath& path) const;
  void History(const http::Request& request, http::Responder responder);
  void Cgroups(const http::Request& request, http::Responder responder);
  // control_events.cc
  void Events(const http::Request& request, http::Responder responder);
  // control_report.cc
  void Facts(const http::Request& request, http::Responder responder);
  void Report(const http::Request& request, http::Responder responder);
  // control_change.cc
  // Wakes the engine and has OnRested called when it rests, or when nobody waits for that any longer.
  void AwaitRest();
  // Whether what began at `since` is to be answered now.
  bool HasRested(engine::Instant since) const;
  void Apply(const http::Request& request, http::Responder responder);
  void Undo(const http::Request& request, http::Responder responder);
  void Confirm(const http::Request& request, http::Responder responder);
  void SetHold(const http::Request& request, http::Responder responder);
  void Release(const http::Request& request, http::Responder responder);
  http::Response ApplyAnswer(const Waiting& waiting);
  // control_by_hand.cc
  void ListByHand(const http::Request& request, http::Responder responder);
  void PutByHand(const http::Request& request, http::Responder responder);
  void ReleaseByHand(const http::Request& request,
                     http::Responder responder,
                     const std::string& name);
  void Thaw(const http::Request& request, http::Responder responder);
  void Kill(const http::Request& request, http::Responder responder);
  void Record(const std::string& text);
  // control.cc
  // Puts what becomes of a change on record.
  void Audit(const http::Request& request, http::Responder& responder);
  // Whether this user asks for too much at once; the answer has been given then.
  bool TurnsAway(const http::Request& request, http::Responder& responder);
  // control_clamp.cc
  static http::Response RefuseClamp(const Error& error);
  static engine::ClampWish WishFor(const http::Request& request, std::int64_t pid, bool tree);
  void AwaitClamp(PendingClamp clamp);
  void BeginClamps();
  void BeginClamp(PendingClamp pending);
  void AnswerClamp(PendingClamp& pending, std::size_t inside);
  void TakeBack(const PendingClamp& clamp);
  std::vector<policy::HandInForce> Hands() const;
  static std::string DescribeHand(const policy::HandInForce& hand);

  static show::ClockPair ClocksNow();
  Origin OriginOf(const http::Request& request, std::string why) const;
  show::PlanPaper PaperOf(const Plan& plan, const engine::Generation& generation) const;

  // An explain between its two looks.
  struct PendingExplain {
    http::Request request;
    http::Responder responder;
    CgroupPath path;
    std::string key;
    engine::Instant since{0};
    WayUp first;
  };

  // A plan for units that systemd has to be asked about first.
  struct PendingPlan {
    http::Request request;
    http::Responder responder;
    engine::Instant since{0};
  };

  struct PendingStatus {
    http::Request request;
    http::Responder responder;
  };

  // Who reads events as they come.
  struct Follower {
    std::shared_ptr<http::Stream> stream;
    bool text = false;
    bool drift = false;      // only that
    std::uint64_t seen = 0;  // number of the last event it was shown
  };

  // Changes of one user that were too many.
  struct TurnedAway {
    Usec since{0};  // when the first of them was put on record
    std::uint64_t more = 0;
  };

  Governing governing_;
  Access access_;
  std::unique_ptr<http::Server> server_;
  std::vector<systemd::Source> sources_;
  systemd::Source second_look_;
  systemd::Source explain_look_;
  systemd::Source patience_;
  systemd::Source plan_patience_;
  std::optional<show::LiveSample> sample_;       // the first look of a status that is under way
  std::optional<show::LiveSample> unit_sample_;  // of the units, at the same time
  std::list<PendingStatus> statuses_;
  std::list<PendingPlan> plans_;
  std::list<PendingExplain> explains_;
  std::list<Waiting> waiting_;
  std::list<PendingClamp> clamps_;
  std::vector<Follower> followers_;
  RateLimit rate_limit_;
  std::map<uid_t, TurnedAway> turned_away_;
  kernel::WriterInfo writers_;
};

}  // namespace reeve::daemon
