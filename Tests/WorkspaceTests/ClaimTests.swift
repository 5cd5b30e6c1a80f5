import Base
import Foundation
import TestSupport
import Testing
import Workspace

/// Two shells on one workspace: what one is about to record, the other does not remove, whatever the clock says.
@Suite("Claims on objects")
struct ClaimTests {
  let root: String
  let first: Workspace

  init() throws {
    root = try Fixtures.temporaryFolder() + "/ws"
    first = try Workspace.create(at: root, payloads: Payloads.all)
  }

  private func age(_ path: String) {
    let times = [timespec(tv_sec: 1000, tv_nsec: 0), timespec(tv_sec: 1000, tv_nsec: 0)]
    #expect(utimensat(AT_FDCWD, path, times, 0) == 0)
  }

  @Test("An object of another shell's running entry stays however old it looks, and goes when it is not recorded")
  func claimed() throws {
    let second = try Workspace(at: root, payloads: Payloads.all)
    let entry = try first.begin(source: "eval", origin: "test")
    let digest = try first.objects.put(Data("result".utf8))
    age(first.objects.path(of: digest))
    #expect(try second.clean(caches: false).count == 0)
    try first.finish(entry, status: .ok, seconds: 1, error: nil, result: digest)
    #expect(try second.clean(caches: false).count == 0, "history keeps it")
    let other = try first.begin(source: "eval", origin: "test")
    let lost = try first.objects.put(Data("lost".utf8))
    try first.finish(other, status: .failed, seconds: 1, error: "no", result: nil)
    #expect(try second.clean(caches: false).count == 1)
    #expect(!second.objects.contains(lost) && second.objects.contains(digest))
  }

  @Test("An object that was there already is claimed too, before the other shell can remove it")
  func foundAgain() throws {
    let second = try Workspace(at: root, payloads: Payloads.all)
    let digest = try first.objects.put(Data("twice".utf8))
    age(first.objects.path(of: digest))
    let entry = try second.begin(source: "eval", origin: "test")
    #expect(try second.objects.put(Data("twice".utf8)) == digest)
    age(first.objects.path(of: digest))
    #expect(try first.clean(caches: false).count == 0)
    try second.finish(entry, status: .ok, seconds: 1, error: nil, result: digest)
    #expect(try first.clean(caches: false).count == 0)
  }

  @Test("Unfinished objects of a shell that has ended are removed; those of a living shell stay")
  func leftovers() throws {
    let second = try Workspace(at: root, payloads: Payloads.all)
    let dead = root + "/objects/incoming-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: dead, withIntermediateDirectories: true)
    for name in ["incoming-1", ".vcsh-2"] { try Data("part".utf8).write(to: URL(filePath: dead + "/" + name)) }
    _ = try first.objects.putFile { path in
      try Data("whole".utf8).write(to: URL(filePath: path))
      // The writing is not done: the file has no name yet, and its clock is years behind.
      age(path)
      let removed = try second.clean(caches: false)
      #expect(removed == (2, 8))
      #expect(FileManager.default.fileExists(atPath: path))
    }
    #expect(!FileManager.default.fileExists(atPath: dead))
  }

  @Test("A shell that was killed claims nothing: nobody holds its lock")
  func ended() throws {
    let digest = try first.objects.put(Data("never recorded".utf8))
    let lock = root + "/locks/\(UUID().uuidString)"
    try Data("vcsh claims 1\n\(digest)\n".utf8).write(to: URL(filePath: lock))
    #expect(try first.clean(caches: false).count == 1)
    #expect(!FileManager.default.fileExists(atPath: lock))
  }
}
