import Base
import Foundation
import Glibc
import TestSupport
import Testing
import Workspace

@Suite("Objects and files of a workspace that another program has changed", .timeLimit(.minutes(1)))
final class ObjectStoreTests {
  private let folder: String
  private let workspace: Workspace

  init() throws {
    folder = try Fixtures.temporaryFolder()
    workspace = try Workspace.create(at: folder, payloads: Payloads.all)
  }

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  @Test("An object that is renewed while it is read is not taken for changed, and stays until the entry ends")
  func renewed() throws {
    let digest = try workspace.objects.put(Data("abc".utf8))
    let path = workspace.objects.path(of: digest)
    let old = [timespec(tv_sec: 1000, tv_nsec: 0), timespec(tv_sec: 1000, tv_nsec: 0)]
    #expect(utimensat(AT_FDCWD, path, old, 0) == 0)
    let file = try RegularFile(path: path)
    workspace.objects.renew(digest)
    #expect(try file.contents() == Data("abc".utf8))
    let entry = try workspace.begin(source: "eval", origin: "test")
    workspace.objects.renew(digest)
    // However old the clock says that it is.
    #expect(utimensat(AT_FDCWD, path, old, 0) == 0)
    #expect(try workspace.clean(caches: false).count == 0)
    try workspace.finish(entry, status: .ok, seconds: 1, error: nil, result: nil)
    #expect(try workspace.clean(caches: false).count == 1)
  }

  @Test("An object that was shortened is not whole, and its value is refused")
  func cut() throws {
    let digest = try workspace.objects.put(ValueCodec.encode(.string("a longer text")))
    #expect(try workspace.value(digest) == .string("a longer text"))
    #expect(truncate(workspace.objects.path(of: digest), 5) == 0)
    #expect(try !workspace.objects.isWhole(digest))
    let failure = #expect(throws: Failure.self) { try self.workspace.value(digest) }
    #expect(failure?.kind == .format)
    #expect(failure?.message.contains("damaged") == true)
  }

  @Test("A pipe in the place of an object, a written file or the catalogue is refused at once")
  func pipes() throws {
    let digest = try workspace.objects.put(Data("abc".utf8))
    let catalogue = folder + "/workspace.sqlite"
    for path in [workspace.objects.path(of: digest), folder + "/figure.svg", catalogue] {
      unlink(path)
      #expect(mkfifo(path, 0o600) == 0)
    }
    let object = #expect(throws: Failure.self) { try self.workspace.objects.data(digest) }
    #expect(object?.message == "\(workspace.objects.path(of: digest)): a file is needed, not a pipe")
    let whole = #expect(throws: Failure.self) { try self.workspace.objects.isWhole(digest) }
    #expect(whole == object)
    let written = #expect(throws: Failure.self) { try self.workspace.written(self.folder + "/figure.svg") }
    #expect(written?.message == "\(folder)/figure.svg: a file is needed, not a pipe")
    let opened = #expect(throws: Failure.self) { try Workspace(at: self.folder, payloads: Payloads.all) }
    #expect(opened?.message == "\(catalogue) is not a vcsh catalogue: a file is needed")
  }

  @Test("A file that a command wrote is recorded with its path, size and digest")
  func written() throws {
    try Data("abc".utf8).write(to: URL(filePath: folder + "/table.csv"))
    let file = try workspace.written(folder + "/table.csv")
    #expect(file == WrittenFile(path: "table.csv", byteCount: 3, digest: Digest.of("abc")))
  }
}
