// SPDX-License-Identifier: Apache-2.0
#include "app/daemon/terminal_teller.h"

#include <set>

#include <fmt/format.h>

#include "app/show/human.h"
#include "core/base/text.h"
#include "edge/io/log.h"
#include "edge/io/terminal.h"

namespace reeve::daemon {
namespace {

// One line for a hand at work; who writes a hundred keys knows after the first.
constexpr std::chrono::seconds kBetweenLines{2};
constexpr std::size_t kTerminalsKept = 256;

}  // namespace

std::string TerminalText(const engine::Event& repair) {
  const Knob* knob = FindKnob(repair.file);
  const auto value = [knob](const std::string& text) {
    std::string human = show::HumanText(knob, text);
    for (char& c : human) {
      if (c == '\n') c = ' ';
    }
    return EscapeForTerminal(human);
  };
  const std::string path =
      repair.path.is_root() ? "the managed root" : EscapeForTerminal(repair.path.text());
  const std::string place =
      repair.mark.known() ? " (" + EscapeForTerminal(repair.mark.FileLine()) + ")" : "";
  if (repair.file.empty()) return fmt::format("reeve: made {} again{}.", path, place);
  std::string text =
      fmt::format("reeve: put {} {} back to {}{}.", path, repair.file, value(repair.to), place);
  // Values of several rows or of no policy key have no short command.
  const bool short_value = !repair.from.empty() && repair.from != "-" &&
                           repair.from.find('\n') == std::string::npos && knob != nullptr;
  if (!short_value) return text;
  std::string yours = value(repair.from);
  if (yours.find(' ') != std::string::npos) yours = "'" + yours + "'";
  return text +
         fmt::format("\n       To keep yours for a while: reevectl set {} {}={} --for 2h --why ...",
                     path,
                     repair.file,
                     yours);
}

void TerminalTeller::Tell(const engine::EventLog& events) {
  for (const engine::Event* event : events.After(told_)) {
    if (event->kind != engine::Event::Kind::kRepair || event->by == nullptr) continue;
    const Writer& writer = *event->by;
    if (writer.tty.empty()) continue;
    if (last_.size() >= kTerminalsKept) last_.clear();
    const auto [last, fresh] = last_.try_emplace(writer.tty, event->at);
    if (!fresh && event->at < last->second + kBetweenLines) continue;
    last->second = event->at;
    std::set<std::uint32_t> owners;
    if (writer.uid) owners.insert(*writer.uid);
    if (writer.login) owners.insert(*writer.login);
    const auto told = io::TellTerminal(writer.tty, owners, TerminalText(*event));
    if (!told.has_value()) io::LogDebug("{}", EscapeForTerminal(told.error().ToString()));
  }
  told_ = events.last();
}

}  // namespace reeve::daemon
