import Base
import Foundation
import Workspace

extension FileReference {
  /// A small file by all its bytes.
  init(reading path: String, in workspace: Workspace) throws {
    do {
      let data = try Data(contentsOf: URL(filePath: path), options: .mappedIfSafe)
      self.init(path: workspace.stored(path: path), byteCount: data.count, fingerprint: Digest.of(data))
    } catch {
      throw Failure(.missing, "can't read \(path)", hint: "was it moved? open what uses it again with --replace")
    }
  }
}
