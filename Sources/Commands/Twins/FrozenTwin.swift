import Base
import Language
import Session
import Workspace

extension Session {
  func setFrozen(_ patterns: [String], of twin: LoadedTwin, named name: String) -> Value {
    if patterns != twin.payload.frozen {
      var payload = twin.payload
      payload.frozen = patterns
      changes.versions.append(
        .init(payload, name: name, parent: twin.record.id, replacing: .version(twin.record.id)))
    }
    let frozen = FrozenParameters(patterns: patterns).parameters(of: twin.architecture)
    return .record(
      Record([
        ("twin", .string(name)), ("frozen", .string(patterns.isEmpty ? "nothing" : patterns.joined(separator: ", "))),
        ("tensors", .int(frozen.count)), ("of", .int(twin.architecture.parameters.count)),
        ("values", .int(frozen.reduce(0) { $0 + $1.shape.reduce(1, *) })),
      ]))
  }
}
