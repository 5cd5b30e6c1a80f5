import Base
import Glibc
import Workspace

extension FileReference {
  /// A small file by all its bytes.
  package init(reading path: String, in workspace: Workspace) throws {
    do {
      let file = try RegularFile(path: path)
      self.init(path: workspace.stored(path: path), byteCount: file.size, fingerprint: try file.digest())
    } catch let failure as Failure where failure.kind == .interrupted {
      throw failure
    } catch {
      throw Failure(.missing, "can't read \(path)", hint: "was it moved? open what uses it again with --replace")
    }
  }
}

/// Shows quickly whether a file was replaced or written to.
package struct FileStamp: Equatable {
  private let numbers: [Int]

  package init(_ path: String) {
    var info = stat()
    numbers =
      stat(path, &info) == 0
      ? [Int(info.st_ino), Int(info.st_size), info.st_mtim.tv_sec, info.st_mtim.tv_nsec, Int(info.st_dev)] : []
  }
}
