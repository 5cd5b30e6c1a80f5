import Foundation
import Glibc

/// Why the system refuses a file, in words: some of its own words name another cause than the true one.
public enum SystemRefusal {
  /// The reason for an error number that a call for `path` has left.
  public static func reason(_ code: Int32, _ path: String) -> String {
    switch code {
    case ENOSPC where hasNoInodes(path): "no space left for another file: the disk has no free inodes"
    case EMFILE: "too many open files: this process may have \(descriptorLimit) (`ulimit -n`)"
    default: String(cString: strerror(code))
    }
  }

  /// A remedy for the same error; nil where there is none to name.
  public static func remedy(_ code: Int32, _ path: String) -> String? {
    switch code {
    case ENOSPC where hasNoInodes(path): "remove files, or write to another disk"
    case EMFILE: "raise the limit: `ulimit -n 256`"
    default: nil
    }
  }

  /// Whether the disk has room for bytes but not for another file.
  public static func hasNoInodes(_ path: String) -> Bool {
    var info = statvfs()
    let folder = (path as NSString).deletingLastPathComponent
    guard statvfs(path, &info) == 0 || statvfs(folder.isEmpty ? "." : folder, &info) == 0 else { return false }
    return info.f_files > 0 && info.f_favail == 0 && info.f_bavail > 0
  }

  /// Whether this process can't open `count` more files.
  public static func lacksDescriptors(_ count: Int) -> Bool {
    var opened: [Int32] = []
    defer { for descriptor in opened { close(descriptor) } }
    while opened.count < count {
      let descriptor = open("/dev/null", O_RDONLY | O_CLOEXEC)
      guard descriptor >= 0 else { return errno == EMFILE }
      opened.append(descriptor)
    }
    return false
  }

  private static var descriptorLimit: Int {
    var limit = rlimit()
    return getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 ? Int(clamping: limit.rlim_cur) : 0
  }
}
