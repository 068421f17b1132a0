// SPDX-License-Identifier: Apache-2.0
#include "core/model/cgroup_path.h"

#include <gtest/gtest.h>

namespace reeve {
namespace {

CgroupPath Path(std::string_view text) {
  return *CgroupPath::Parse(text);
}

TEST(CgroupPath, TheManagedRootIsEmpty) {
  EXPECT_TRUE(Path("").is_root());
  EXPECT_EQ(Path("").name(), "");
  EXPECT_EQ(Path("").depth(), 0);
  EXPECT_EQ(Path("").Parent(), CgroupPath());
}

TEST(CgroupPath, ParentChildAndNameFitTogether) {
  const CgroupPath api = Path("web/api");

  EXPECT_EQ(api.name(), "api");
  EXPECT_EQ(api.depth(), 2);
  EXPECT_EQ(api.Parent(), Path("web"));
  EXPECT_EQ(api.Parent().Parent(), CgroupPath());
  EXPECT_EQ(CgroupPath().Child("web").Child("api"), api);
}

TEST(CgroupPath, ContainsItselfAndWhatIsBelowButNotItsNeighbours) {
  EXPECT_TRUE(Path("web").Contains(Path("web")));
  EXPECT_TRUE(Path("web").Contains(Path("web/api/v1")));
  EXPECT_TRUE(CgroupPath().Contains(Path("web")));
  EXPECT_FALSE(Path("web").Contains(Path("website")));
  EXPECT_FALSE(Path("web/api").Contains(Path("web")));
}

TEST(CgroupPath, ParentsSortBeforeTheirChildren) {
  EXPECT_LT(Path("web"), Path("web/api"));
  EXPECT_LT(CgroupPath(), Path("web"));
}

// Everything a kernel lets somebody create must be nameable: 299 bytes, blanks, bytes that are no UTF-8.
TEST(CgroupPath, TakesEveryNameAKernelHas) {
  for (const std::string& name : {std::string(299, 'x'),
                                  std::string("a b\\\"'"),
                                  std::string("-x"),
                                  std::string(".hidden"),
                                  std::string("\xff\x1b[2J"),
                                  std::string("x (deleted)"),
                                  std::string("...")}) {
    EXPECT_EQ(Path("top/" + name).name(), name);
    EXPECT_EQ(Path("top").Child(name).text(), "top/" + name);
  }
}

TEST(CgroupPath, RefusesWhatWouldLeaveTheTree) {
  EXPECT_EQ(CgroupPath::Parse("web/../etc").error().ToString(),
            "web/../etc: not a cgroup's path: it has the name '..'");
  EXPECT_EQ(CgroupPath::Parse("/web").error().ToString(),
            "/web: not a cgroup's path: it has an empty name");
  EXPECT_EQ(CgroupPath::Parse(std::string_view("a\0b", 3)).error().ToString(),
            "a\\x00b: not a cgroup's path: it has a NUL byte");
  for (std::string_view text : {"web/", "web//api", ".", "web/.", ".."}) {
    EXPECT_EQ(CgroupPath::Parse(text).error().kind, ErrorKind::kInvalid) << text;
  }
  EXPECT_EQ(CgroupPath::Parse(std::string(5000, 'x')).error().message,
            "not a cgroup's path: it has a name of 5000 bytes; 4095 are possible");
}

TEST(WhyNotPolicyName, TakesOrdinaryNames) {
  for (std::string_view name : {"web",
                                "user-20418",
                                "a.b",
                                "x@y+z",
                                "_x",
                                "-x",
                                "7",
                                "cpu",
                                "memory",
                                "cgroup",
                                "cpux.max",
                                "abc.service"}) {
    EXPECT_EQ(WhyNotPolicyName(name), "") << name;
  }
}

TEST(WhyNotPolicyName, SaysWhatIsWrong) {
  EXPECT_EQ(WhyNotPolicyName(""), "it is empty");
  EXPECT_EQ(WhyNotPolicyName(".x"), "it must not begin with '.'");
  EXPECT_EQ(WhyNotPolicyName("a b"), "' ' is not allowed; letters, digits and _ . @ + - are");
  EXPECT_EQ(WhyNotPolicyName("a/b"), "'/' is not allowed; letters, digits and _ . @ + - are");
  EXPECT_EQ(WhyNotPolicyName("a%2F"), "'%' is not allowed; letters, digits and _ . @ + - are");
  EXPECT_EQ(WhyNotPolicyName("a\x1b"), "'\\x1b' is not allowed; letters, digits and _ . @ + - are");
  EXPECT_EQ(WhyNotPolicyName("_self"), "'_self' is one of reeve's own");
  EXPECT_EQ(WhyNotPolicyName("cgroup.x"), "names that begin with 'cgroup.' belong to the kernel");
  EXPECT_EQ(WhyNotPolicyName("memory.zzz"),
            "names that begin with 'memory.' are the kernel's interface files");
  EXPECT_EQ(WhyNotPolicyName("irq.pressure"),
            "names that begin with 'irq.' are the kernel's interface files");
  EXPECT_EQ(WhyNotPolicyName(std::string(201, 'x')), "it has 201 bytes; at most 200 are allowed");
  EXPECT_EQ(WhyNotPolicyName(std::string(200, 'x')), "");
}

TEST(EscapeForName, MakesAnyValueANameOfAnInstance) {
  EXPECT_EQ(EscapeForName("ann-1.x@y"), "ann-1.x@y");
  EXPECT_EQ(EscapeForName("a/b c"), "a%2Fb%20c");
  EXPECT_EQ(EscapeForName("100%"), "100%25");
  EXPECT_EQ(EscapeForName("../x"), "%2E.%2Fx");
  EXPECT_EQ(EscapeForName("\xc3\xbc\n"), "%C3%BC%0A");
  for (int byte = 1; byte < 256; ++byte) {
    const std::string value(1, static_cast<char>(byte));
    EXPECT_EQ(WhyNotInstanceName(EscapeForName(value)), "") << byte;
  }
}

TEST(WhyNotInstanceName, KnowsEscapesButNoMoreThanThat) {
  EXPECT_EQ(WhyNotInstanceName("user-a%2Fb"), "");
  EXPECT_EQ(WhyNotInstanceName("cpu.max"),
            "names that begin with 'cpu.' are the kernel's interface files");
  EXPECT_EQ(WhyNotInstanceName("_other"), "'_other' is one of reeve's own");
}

}  // namespace
}  // namespace reeve
