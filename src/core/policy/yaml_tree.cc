// SPDX-License-Identifier: Apache-2.0
// The only file that knows yaml-cpp. Its exceptions end here, and so do our own two, which exist
// because nothing else stops its parser in the middle of a document.
#include "core/policy/yaml_tree.h"

#include <algorithm>
#include <istream>
#include <streambuf>
#include <string>

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include "core/policy/load.h"
#include "core/policy/yaml_builder.h"
#include "core/policy/yaml_scan.h"
#include "core/policy/yaml_tree_data.h"

namespace reeve::policy {
namespace {

// yaml-cpp may read this far without an event. Marks: a flow collection is queued as a whole, up to
// 260 bytes a mark; a policy of 10,000 cgroups as JSON has 130,000. Lines: comments, or a text of
// several lines. Run: a value of kMaxScalarBytes and what yaml-cpp fetches in one go.
constexpr std::size_t kMaxMarksAhead = 150'000;
constexpr std::size_t kMaxLinesAhead = 200'000;
constexpr std::size_t kMaxRunAhead = kMaxScalarBytes + (8U << 10);
constexpr std::size_t kMaxNestingAhead = 1'000;

// Ends a document; what is wrong is already among the findings.
struct DocumentEnds {};

struct TooFarAhead {
  std::string code;
  std::string message;
  std::string hint;
};

// Hands a chunk's bytes to yaml-cpp and stops it where it works on without ever giving us a node.
class MeteredText : public std::streambuf {
 public:
  explicit MeteredText(std::string_view text) {
    char* begin = const_cast<char*>(text.data());  // a get area is never written
    setg(begin, begin, begin + text.size());
  }

  void Progress() { meter_ = YamlMeter(); }

 protected:
  std::streamsize xsgetn(char* to, std::streamsize count) override {
    const std::streamsize n = std::min<std::streamsize>(count, egptr() - gptr());
    std::copy_n(gptr(), n, to);
    meter_.Add({gptr(), static_cast<std::size_t>(n)});
    gbump(static_cast<int>(n));
    Judge();
    return n;
  }

 private:
  void Judge() const {
    if (meter_.nesting() > kMaxNestingAhead) {
      throw TooFarAhead{
          "R0106", fmt::format("maps and lists lie more than {} deep below this", kMaxDepth), ""};
    }
    if (meter_.marks() > kMaxMarksAhead || meter_.lines() > kMaxLinesAhead) {
      throw TooFarAhead{"R0108",
                        fmt::format("one value of more than {} parts begins here", kMaxMarksAhead),
                        "write it in block form, one entry a line"};
    }
    if (meter_.run() > kMaxRunAhead) {
      throw TooFarAhead{
          "R0130",
          fmt::format("more than {} KiB without a value follow this", kMaxScalarBytes >> 10U),
          ""};
    }
  }

  YamlMeter meter_;
};

class Events : public YAML::EventHandler {
 public:
  Events(const YamlText& text, MeteredText& source, YamlBuilder& builder)
      : text_(text), source_(source), builder_(builder) {}

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (documents_++ != 0) GoOn(builder_.SecondDocument(At(mark)));
  }

  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    GoOn(builder_.Null(At(mark), anchor));
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    GoOn(builder_.Alias(At(mark), anchor));
  }

  void OnScalar(const YAML::Mark& mark,
                const std::string& /*tag*/,
                YAML::anchor_t anchor,
                const std::string& value) override {
    GoOn(builder_.Scalar(At(mark), anchor, value));
  }

  void OnSequenceStart(const YAML::Mark& mark,
                       const std::string& /*tag*/,
                       YAML::anchor_t anchor,
                       YAML::EmitterStyle::value /*style*/) override {
    GoOn(builder_.Start(At(mark), anchor, YamlNode::Kind::kSequence));
  }

  void OnSequenceEnd() override { builder_.End(); }

  void OnMapStart(const YAML::Mark& mark,
                  const std::string& /*tag*/,
                  YAML::anchor_t anchor,
                  YAML::EmitterStyle::value /*style*/) override {
    GoOn(builder_.Start(At(mark), anchor, YamlNode::Kind::kMap));
  }

  void OnMapEnd() override { builder_.End(); }

 private:
  YamlPlace At(const YAML::Mark& mark) {
    source_.Progress();
    return text_.At(mark.pos, mark.line, mark.column);
  }

  static void GoOn(bool go_on) {
    if (!go_on) throw DocumentEnds{};
  }

  const YamlText& text_;
  MeteredText& source_;
  YamlBuilder& builder_;
  int documents_ = 0;
};

std::unique_ptr<YamlTree> ReadChunk(const std::shared_ptr<const SourceFile>& file,
                                    YamlChunk chunk,
                                    Findings& findings) {
  const YamlText text(file, chunk);
  YamlPlace directive;
  const bool cut = text.FindDirective(&directive);
  if (cut) {
    // yaml-cpp passes over such a line wherever it stands, with whatever a typing error made one.
    findings
        .Error("R0109",
               text.Mark(directive, text.LineFrom(directive).size()),
               "a line that begins with `%` is a directive, which is not supported",
               "a key or value that begins with `%` goes in quotes")
        .note = text.NotJudgedBelow(directive.line);
    chunk.size = directive.offset - chunk.offset;
  }
  MeteredText source(std::string_view(file->text).substr(chunk.offset, chunk.size));
  std::istream stream(&source);
  // Where yaml-cpp reads through the stream and not its buffer, our exception must come through as
  // well.
  stream.exceptions(std::ios::badbit);
  YamlBuilder builder(text, findings);
  Events events(text, source, builder);
  try {
    YAML::Parser parser(stream);
    while (parser.HandleNextDocument(events)) {
    }
  } catch (const DocumentEnds&) {
    // The builder said why.
  } catch (const TooFarAhead& reason) {
    builder.StopAfterLastNode(reason.code, reason.message, reason.hint);
  } catch (const YAML::Exception& e) {
    builder.StopAtSyntaxError(text.At(e.mark.pos, e.mark.line, e.mark.column), e.msg);
  }
  std::unique_ptr<YamlTree> tree = builder.Take();
  if (tree != nullptr && cut) tree->truncated = true;
  return tree;
}

}  // namespace

std::vector<YamlDocument> ReadYaml(const std::shared_ptr<const SourceFile>& file,
                                   Findings& findings) {
  std::vector<YamlDocument> documents;
  for (const YamlChunk& chunk : ScanYaml(file, findings)) {
    if (auto tree = ReadChunk(file, chunk, findings)) documents.emplace_back(std::move(tree));
  }
  return documents;
}

}  // namespace reeve::policy
