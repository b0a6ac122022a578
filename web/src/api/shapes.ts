// The names of the API document's schemas, as the page uses them.
import type { components } from "./types";

type Schemas = components["schemas"];
export type Attachment = Schemas["Attachment"];
export type Ask = Schemas["AskConversation"];
export type Asked = Schemas["Asked"];
export type BenchmarkRun = Schemas["BenchmarkRun"];
export type CatalogueModel = Schemas["CatalogueModel"];
export type CatalogueModels = Schemas["CatalogueModels"];
export type Conversation = Schemas["Conversation"];
export type ConversationInfo = Schemas["ConversationInfo"];
export type Conversations = Schemas["Conversations"];
export type ConversationSummary = Schemas["ConversationSummary"];
export type DownloadProgress = Schemas["DownloadProgress"];
export type Downloads = Schemas["Downloads"];
export type Engine = Schemas["Engine"];
export type Engines = Schemas["Engines"];
export type Generation = Schemas["Generation"];
export type Message = Schemas["Message"];
export type ModelStatus = Schemas["ModelStatus"];
export type PromptSeen = Schemas["PromptSeen"];
export type Settings = Schemas["Settings"];
export type Status = Schemas["Status"];
export type StoredModel = Schemas["StoredModel"];
export type StoredModels = Schemas["StoredModels"];
export type Tokens = Schemas["Tokens"];
export type ToolCall = Schemas["ToolCall"];
