import Base
import Formats

/// The file of `open --model`: VisionCore's YAML of a model, or a checkpoint that holds one.
enum ModelFile {
  /// - Throws: `format` where the file holds no model's configuration; what reading throws.
  static func configuration(_ path: String) throws -> ConfigNode {
    let file = try CandidateFile(path: path)
    switch file.kind {
    case .torchZip, .torchLegacy, .pickle, .safetensors:
      if let configuration = try Checkpoint(file).storedConfiguration() { return configuration }
      throw Failure(.format, "\(path): holds no model configuration", hint: "give the model's YAML")
    default:
      let node = try YAMLDocument.read(path: path)
      if let configuration = ModelConfiguration.find(in: node) { return configuration }
      throw Failure(
        .format, "\(path): holds no model configuration (model_type, frontend, convnet, readout)",
        hint: node["sessions"] != nil || node.listValue != nil
          ? "it lists sessions: --config takes it" : "give the YAML that the model was built from")
    }
  }
}
