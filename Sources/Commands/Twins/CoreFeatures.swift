import Base
import Fitting
import Formats
import Twin
import Workspace

/// A frozen core's last-step features, computed once and kept by content.
struct CoreFeatures {
  let session: Session

  /// Features of `frames` under the adapter of one head, row by row.
  ///
  /// Kept in half precision; in float32 where half precision would be off by more than `FeatureFile.tolerance`.
  func features(
    of twin: LoadedTwin, adapter: Int, on source: LoadedStimulus, frames: [Int]
  ) throws -> CachedFeatures {
    let key = Predictor.key("core features 2", twin, head: adapter, source, frames: frames)
    let store = session.workspace.objects
    // A damaged cache is no cache.
    if let digest = try session.workspace.cached(key), try store.isWhole(digest),
      let file = try? FeatureFile(path: store.path(of: digest))
    {
      return CachedFeatures(file: file)
    }
    let digest = try store.putFile { path in
      if try !write(path, .float16, of: twin, adapter: adapter, on: source, frames: frames) {
        _ = try write(path, .float32, of: twin, adapter: adapter, on: source, frames: frames)
      }
    }
    try session.remember(
      CacheRecord(
        key: key, kind: "features", digest: digest, detail: "\(twin.name) on \(source.label), \(frames.count) frames"))
    return CachedFeatures(file: try FeatureFile(path: store.path(of: digest)))
  }

  /// Streams the features to a file. False where the precision does not hold them.
  private func write(
    _ path: String, _ precision: FeatureFile.Precision, of twin: LoadedTwin, adapter: Int, on source: LoadedStimulus,
    frames: [Int]
  ) throws -> Bool {
    let network = try twin.network(head: adapter)
    let writer = try FeatureFileWriter(path: path, precision: precision, rows: frames.count)
    var isPrecise = true
    let inputs = try TwinInputs(twin, head: adapter, source, for: .coreFeatures)
    try Predictor(session: session).eachBlock(of: frames, from: inputs, title: "core features of \(source.label)") {
      input in
      guard isPrecise else { return }
      let features = try network.coreFeatures(input, head: adapter, work: session.work)
      isPrecise = try writer.append(features)
    }
    try writer.close()
    return isPrecise
  }
}

/// Features in a file, read block by block.
struct CachedFeatures: FeatureSource {
  let file: FeatureFile

  var rowCount: Int { file.shape[0] }
  var channels: Int { file.shape[1] }
  var height: Int { file.shape[2] }
  var width: Int { file.shape[3] }

  func block(_ rows: Range<Int>) throws -> [Float] { try file.rows(rows) }
}
