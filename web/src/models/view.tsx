// The models that are here, those that can be had, and files that other programs have.
import { useEffect } from "preact/hooks";
import { models, refreshLibrary } from "../api/library";
import { go } from "../router";
import { Tabs } from "../ui/tabs";
import { ViewHead } from "../ui/view";
import { AddTab } from "./add_tab";
import { CatalogueTab } from "./catalogue_tab";
import { DetailsWindow } from "./details_window";
import { refreshDownloads } from "./downloads";
import { HereTab } from "./here_tab";
import { Queue } from "./queue";
import "./models.css";

export function ModelsView({ path }: { path: string[] }) {
  const [first, name] = path;
  const tab = first === "get" || first === "add" ? first : "here";
  const count = models.value?.length;
  useEffect(() => {
    void refreshLibrary();
    refreshDownloads().catch(() => undefined); // the tabs say what is wrong
  }, []);
  return (
    <div class="view">
      <div class="inner">
        <ViewHead title="Models" about="What is here and what can be had." />
        <Queue />
        <div>
          <Tabs
            label="Models"
            current={tab}
            onSelect={(id) => go("models", id === "here" ? [] : [id])}
            tabs={[
              { id: "here", label: count ? `On this machine (${count})` : "On this machine" },
              { id: "get", label: "Get models" },
              { id: "add", label: "Add your own" },
            ]}
          >
            {tab === "here" && <HereTab />}
            {tab === "get" && <CatalogueTab />}
            {tab === "add" && <AddTab />}
          </Tabs>
        </div>
        {first === "model" && name && <DetailsWindow key={name} name={name} onClose={() => go("models")} />}
      </div>
    </div>
  );
}
