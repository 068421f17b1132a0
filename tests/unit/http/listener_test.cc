// SPDX-License-Identifier: Apache-2.0
#include "edge/http/listener.h"

#include <grp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <filesystem>
#include <optional>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "edge/http/socket_address.h"
#include "support/temp_dir.h"

namespace reeve::http {
namespace {

using testing::HasSubstr;

struct stat Look(const std::string& path) {
  struct stat found = {};
  EXPECT_EQ(::lstat(path.c_str(), &found), 0) << path;
  return found;
}

bool CanConnect(const std::string& path) {
  const UniqueFd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const sockaddr_un address = *UnixAddress(path);
  return ::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
}

class UnixListenerTest : public testing::Test {
 protected:
  support::TempDir dir_;
  std::string path_ = dir_ / "run/control.sock";
};

TEST_F(UnixListenerTest, TheFileIsForRootAloneWithoutTheGroup) {
  const auto before = support::InheritableDescriptors();
  const auto listener = ListenUnix(path_, {"no-such-group-here"});
  ASSERT_TRUE(listener.has_value()) << listener.error().ToString();
  EXPECT_EQ(Look(path_).st_mode, S_IFSOCK | 0600U);
  EXPECT_EQ(Look(dir_ / "run").st_mode & 07777, 0755U);
  EXPECT_TRUE(listener->local);
  EXPECT_EQ(listener->address, path_);
  EXPECT_TRUE(CanConnect(path_));
  EXPECT_EQ(support::InheritableDescriptors(), before);
}

TEST_F(UnixListenerTest, MembersOfTheGroupMayConnect) {
  if (::geteuid() != 0) GTEST_SKIP() << "giving a file to a group needs root";
  const group* daemon = ::getgrnam("daemon");  // NOLINT(concurrency-mt-unsafe)
  if (daemon == nullptr) GTEST_SKIP() << "no group 'daemon' here";
  const gid_t gid = daemon->gr_gid;
  const auto listener = ListenUnix(path_, {"daemon"});
  ASSERT_TRUE(listener.has_value());
  EXPECT_EQ(Look(path_).st_mode, S_IFSOCK | 0660U);
  EXPECT_EQ(Look(path_).st_gid, gid);
}

// Whether somebody who has nothing but this group gets in; asked of a child, which gives everything else up.
bool MemberCanConnect(const std::string& path, gid_t gid) {
  const pid_t child = ::fork();
  if (child == 0) {
    constexpr uid_t kNobody = 65534;
    const bool changed = ::setgroups(1, &gid) == 0 && ::setresgid(kNobody, kNobody, kNobody) == 0 &&
                         ::setresuid(kNobody, kNobody, kNobody) == 0;
    ::_exit(changed && CanConnect(path) ? 0 : 1);
  }
  int status = -1;
  EXPECT_EQ(::waitpid(child, &status, 0), child);
  return status == 0;
}

TEST_F(UnixListenerTest, F110_MembersOfTheOtherGroupMayConnectToo) {
  if (::geteuid() != 0) GTEST_SKIP() << "giving a file to a group needs root";
  const group* daemon = ::getgrnam("daemon");  // NOLINT(concurrency-mt-unsafe)
  const gid_t first = daemon == nullptr ? 0 : daemon->gr_gid;
  const group* mail = ::getgrnam("mail");  // NOLINT(concurrency-mt-unsafe)
  if (first == 0 || mail == nullptr) GTEST_SKIP() << "no groups 'daemon' and 'mail' here";
  const gid_t second = mail->gr_gid;
  ASSERT_EQ(::chmod(dir_.path().c_str(), 0755), 0);

  const auto listener = ListenUnix(path_, {"no-such-group-here", "daemon", "mail"});

  ASSERT_TRUE(listener.has_value());
  EXPECT_EQ(Look(path_).st_mode, S_IFSOCK | 0660U);
  EXPECT_EQ(Look(path_).st_gid, first);
  EXPECT_TRUE(MemberCanConnect(path_, first));
  if (::getxattr(path_.c_str(), "system.posix_acl_access", nullptr, 0) < 0) {
    GTEST_SKIP() << "this file system has no access lists";
  }
  EXPECT_TRUE(MemberCanConnect(path_, second));
  EXPECT_FALSE(MemberCanConnect(path_, 65534));
}

TEST_F(UnixListenerTest, F110_MembersOfBothGroupsReachASocketThatSystemdMade) {
  if (::geteuid() != 0) GTEST_SKIP() << "giving a file to a group needs root";
  const group* mail = ::getgrnam("mail");  // NOLINT(concurrency-mt-unsafe)
  if (mail == nullptr) GTEST_SKIP() << "no group 'mail' here";
  const gid_t gid = mail->gr_gid;
  ASSERT_EQ(::chmod(dir_.path().c_str(), 0755), 0);
  std::filesystem::create_directory(dir_ / "run");
  UniqueFd made(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const sockaddr_un address = *UnixAddress(path_);
  ASSERT_EQ(::bind(made.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  ASSERT_EQ(::chmod(path_.c_str(), 0660), 0);
  ASSERT_EQ(::listen(made.get(), 1), 0);
  ASSERT_FALSE(MemberCanConnect(path_, gid));

  const auto adopted = AdoptListener(std::move(made));
  ASSERT_TRUE(adopted.has_value());
  LetIn(*adopted, {"no-such-group-here", "mail"});

  if (::getxattr(path_.c_str(), "system.posix_acl_access", nullptr, 0) < 0) {
    GTEST_SKIP() << "this file system has no access lists";
  }
  EXPECT_TRUE(MemberCanConnect(path_, gid));
  EXPECT_FALSE(MemberCanConnect(path_, 65534));
}

TEST_F(UnixListenerTest, TheFileGoesWithItsListener) {
  { const auto listener = ListenUnix(path_, {}); }
  EXPECT_FALSE(std::filesystem::exists(path_));
}

TEST_F(UnixListenerTest, TheFileOfASuccessorStays) {
  auto listener = ListenUnix(path_, {});
  std::filesystem::remove(path_);
  const auto successor = ListenUnix(path_, {});
  ASSERT_TRUE(successor.has_value());
  listener = Error{};
  EXPECT_TRUE(CanConnect(path_));
}

TEST_F(UnixListenerTest, TheSocketOfADaemonThatDiedIsReplaced) {
  std::filesystem::create_directory(dir_ / "run");
  {
    const UniqueFd dead(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const sockaddr_un address = *UnixAddress(path_);
    ASSERT_EQ(::bind(dead.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  }
  ASSERT_TRUE(std::filesystem::is_socket(path_));
  const auto listener = ListenUnix(path_, {});
  ASSERT_TRUE(listener.has_value()) << listener.error().ToString();
  EXPECT_TRUE(CanConnect(path_));
}

TEST_F(UnixListenerTest, ALiveOneIsLeftAlone) {
  const auto first = ListenUnix(path_, {});
  const auto second = ListenUnix(path_, {});
  ASSERT_FALSE(second.has_value());
  EXPECT_EQ(second.error().kind, ErrorKind::kConflict);
  EXPECT_THAT(second.error().message, HasSubstr("another process listens"));
  EXPECT_TRUE(CanConnect(path_));
}

TEST_F(UnixListenerTest, WhatIsNoSocketIsLeftAlone) {
  dir_.Write("run/file", "precious");
  std::filesystem::create_symlink(dir_ / "run/file", path_);
  const auto on_link = ListenUnix(path_, {});
  ASSERT_FALSE(on_link.has_value());
  EXPECT_EQ(on_link.error().kind, ErrorKind::kConflict);
  EXPECT_THAT(on_link.error().message, HasSubstr("symbolic link"));

  const auto on_file = ListenUnix(dir_ / "run/file", {});
  ASSERT_FALSE(on_file.has_value());
  EXPECT_EQ(on_file.error().kind, ErrorKind::kConflict);
  EXPECT_EQ(support::Slurp(dir_ / "run/file"), "precious");

  // A link to somebody's dead socket would have us unlink and bind through it.
  std::filesystem::remove(path_);
  std::filesystem::create_symlink(dir_ / "run/nowhere", path_);
  EXPECT_EQ(ListenUnix(path_, {}).error().kind, ErrorKind::kConflict);
  EXPECT_FALSE(std::filesystem::exists(dir_ / "run/nowhere"));
}

TEST_F(UnixListenerTest, ADatagramSocketIsNotOurs) {
  std::filesystem::create_directory(dir_ / "run");
  const UniqueFd other(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  const sockaddr_un address = *UnixAddress(path_);
  ASSERT_EQ(::bind(other.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  EXPECT_EQ(ListenUnix(path_, {}).error().kind, ErrorKind::kConflict);
  EXPECT_TRUE(std::filesystem::is_socket(path_));
}

TEST_F(UnixListenerTest, ADirectoryOthersMayWriteInIsRefused) {
  std::filesystem::create_directory(dir_ / "run");
  for (const mode_t mode : {0777U, 01777U, 0775U}) {
    ::chmod((dir_ / "run").c_str(), mode);
    const auto listener = ListenUnix(path_, {});
    ASSERT_FALSE(listener.has_value()) << mode;
    EXPECT_EQ(listener.error().kind, ErrorKind::kDenied);
  }
  EXPECT_FALSE(std::filesystem::exists(path_));
}

TEST_F(UnixListenerTest, AForeignDirectoryIsRefused) {
  if (::geteuid() != 0) GTEST_SKIP() << "giving a directory away needs root";
  std::filesystem::create_directory(dir_ / "run");
  ASSERT_EQ(::chown((dir_ / "run").c_str(), 12345, 0), 0);
  EXPECT_EQ(ListenUnix(path_, {}).error().kind, ErrorKind::kDenied);
}

TEST_F(UnixListenerTest, APathTheKernelCanNotHoldIsRefusedBeforeAnythingIsMade) {
  const auto listener = ListenUnix(dir_ / (std::string(120, 'x') + "/s"), {});
  ASSERT_FALSE(listener.has_value());
  EXPECT_EQ(listener.error().kind, ErrorKind::kOutOfRange);
  EXPECT_TRUE(std::filesystem::is_empty(dir_.path()));
  EXPECT_EQ(ListenUnix("control.sock", {}).error().kind, ErrorKind::kInvalid);
  EXPECT_EQ(ListenUnix(dir_.path() + "/", {}).error().kind, ErrorKind::kInvalid);
}

TEST(TcpListenerTest, APortOfZeroIsToldBack) {
  const auto listener = ListenTcp("127.0.0.1:0");
  ASSERT_TRUE(listener.has_value());
  EXPECT_GT(listener->port, 0);
  EXPECT_EQ(listener->address, "127.0.0.1:" + std::to_string(listener->port));
  EXPECT_FALSE(listener->local);
  const auto taken = ListenTcp(listener->address);
  ASSERT_FALSE(taken.has_value());
  EXPECT_EQ(taken.error().kind, ErrorKind::kBusy);
}

TEST(TcpListenerTest, OnlyNumericAddressesWithPorts) {
  for (const char* text : {"",
                           ":",
                           "9300",
                           "127.0.0.1",
                           "127.0.0.1:",
                           "127.0.0.1:65536",
                           "127.1:80",
                           "localhost:80",
                           "::1:80",
                           "[::1]",
                           "[::1]:x",
                           "[127.0.0.1]:80",
                           "127.0.0.1:-1"}) {
    const auto listener = ListenTcp(text);
    ASSERT_FALSE(listener.has_value()) << text;
    EXPECT_EQ(listener.error().kind, ErrorKind::kInvalid) << text;
  }
  ASSERT_TRUE(ParseAddress("[::1]:9300").has_value());
  const NumericAddress parsed = *ParseAddress("[::1]:9300");
  EXPECT_EQ(FormatAddress(parsed.storage, parsed.size), "[::1]:9300");
}

TEST(AdoptedListenerTest, OnlyListeningStreamSockets) {
  const auto before = support::InheritableDescriptors();
  UniqueFd listening(::socket(AF_INET, SOCK_STREAM, 0));  // NOLINT(android-cloexec-socket)
  ASSERT_EQ(::listen(listening.get(), 1), 0);
  const auto adopted = AdoptListener(std::move(listening));
  ASSERT_TRUE(adopted.has_value()) << adopted.error().ToString();
  EXPECT_FALSE(adopted->local);
  EXPECT_GT(adopted->port, 0);
  EXPECT_EQ(support::InheritableDescriptors(), before);

  EXPECT_EQ(AdoptListener(UniqueFd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0))).error().kind,
            ErrorKind::kInvalid);
  int pipe[2];
  ASSERT_EQ(::pipe2(pipe, O_CLOEXEC), 0);
  UniqueFd other(pipe[1]);
  EXPECT_FALSE(AdoptListener(UniqueFd(pipe[0])).has_value());
}

sockaddr_storage LocalAddress(const std::string& text) {
  return ParseAddress(text)->storage;
}

TEST(HostTest, LoopbackNamesAndTheAddressItself) {
  const sockaddr_storage four = LocalAddress("192.0.2.7:9300");
  for (const char* host : {"localhost",
                           "LocalHost:9300",
                           "localhost.",
                           "127.0.0.1",
                           "127.9.9.9:1",
                           "[::1]",
                           "[::1]:9300",
                           "192.0.2.7",
                           "192.0.2.7:9300"})
    EXPECT_TRUE(HostMayBeOurs(host, four)) << host;
  for (const char* host : {"",
                           ":",
                           "evil.example",
                           "evil.example:9300",
                           "localhost.evil.example",
                           "127.0.0.1.evil.example",
                           "192.0.2.8",
                           "[::2]",
                           "::1",
                           "0.0.0.0",
                           "[::ffff:192.0.2.7]",
                           "2130706433",
                           "0x7f.1",
                           "[",
                           "]",
                           "[]",
                           "[::1"})
    EXPECT_FALSE(HostMayBeOurs(host, four)) << host;
  EXPECT_FALSE(HostMayBeOurs(std::string("127.0.0.1\0.evil.example", 23), four));

  const sockaddr_storage six = LocalAddress("[2001:db8::7]:9300");
  EXPECT_TRUE(HostMayBeOurs("[2001:DB8:0::7]:9300", six));
  EXPECT_FALSE(HostMayBeOurs("[2001:db8::8]", six));
  const sockaddr_storage mapped = LocalAddress("[::ffff:192.0.2.7]:9300");
  EXPECT_TRUE(HostMayBeOurs("192.0.2.7", mapped));
  EXPECT_FALSE(HostMayBeOurs("192.0.2.8", mapped));
}

TEST(PeerTest, TheKernelSaysWhoIsThere) {
  int pair[2];
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
  const UniqueFd one(pair[0]);
  const UniqueFd other(pair[1]);
  const Peer peer = PeerOf(one.get());
  EXPECT_TRUE(peer.local);
  EXPECT_EQ(peer.uid, ::geteuid());
  EXPECT_EQ(peer.gid, ::getegid());
  EXPECT_EQ(peer.pid, ::getpid());
  EXPECT_TRUE(peer.IsInGroup(::getegid()));
  EXPECT_FALSE(peer.IsInGroup(54321));
  std::vector<gid_t> groups(static_cast<std::size_t>(::getgroups(0, nullptr)));
  ASSERT_EQ(::getgroups(static_cast<int>(groups.size()), groups.data()), groups.size());
  EXPECT_THAT(peer.groups, testing::UnorderedElementsAreArray(groups));
}

TEST(PeerTest, NobodyIsInNoGroup) {
  EXPECT_FALSE(Peer().IsInGroup(static_cast<gid_t>(-1)));
}

}  // namespace
}  // namespace reeve::http
