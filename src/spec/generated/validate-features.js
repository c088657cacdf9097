// Generated from schemas/ by scripts/generate-spec.ts. Do not edit.
"use strict";
export const validate = validate21;
export default validate21;
const schema6 = {"$schema":"http://json-schema.org/draft-07/schema#","$id":"urn:tsoci:schema:features","type":"object","required":["ociVersionMin","ociVersionMax"],"properties":{"ociVersionMin":{"type":"string"},"ociVersionMax":{"type":"string"},"hooks":{"$ref":"#/definitions/Names"},"mountOptions":{"$ref":"#/definitions/Names"},"linux":{"$ref":"#/definitions/LinuxFeatures"},"annotations":{"type":["object","null"],"additionalProperties":{"type":"string"}},"potentiallyUnsafeConfigAnnotations":{"$ref":"#/definitions/Names"}},"definitions":{"Names":{"type":["array","null"],"items":{"type":"string"}},"Enabled":{"type":["object","null"],"properties":{"enabled":{"type":["boolean","null"]}},"additionalProperties":false},"LinuxFeatures":{"type":["object","null"],"properties":{"namespaces":{"$ref":"#/definitions/Names"},"capabilities":{"$ref":"#/definitions/Names"},"cgroup":{"$ref":"#/definitions/CgroupFeatures"},"seccomp":{"$ref":"#/definitions/SeccompFeatures"},"apparmor":{"$ref":"#/definitions/Enabled"},"selinux":{"$ref":"#/definitions/Enabled"},"intelRdt":{"$ref":"#/definitions/IntelRdtFeatures"},"memoryPolicy":{"$ref":"#/definitions/MemoryPolicyFeatures"},"mountExtensions":{"$ref":"#/definitions/MountExtensions"},"netDevices":{"$ref":"#/definitions/Enabled"}},"additionalProperties":false},"CgroupFeatures":{"type":["object","null"],"properties":{"v1":{"type":["boolean","null"]},"v2":{"type":["boolean","null"]},"systemd":{"type":["boolean","null"]},"systemdUser":{"type":["boolean","null"]},"rdma":{"type":["boolean","null"]}},"additionalProperties":false},"SeccompFeatures":{"type":["object","null"],"properties":{"enabled":{"type":["boolean","null"]},"actions":{"$ref":"#/definitions/Names"},"operators":{"$ref":"#/definitions/Names"},"archs":{"$ref":"#/definitions/Names"},"knownFlags":{"$ref":"#/definitions/Names"},"supportedFlags":{"$ref":"#/definitions/Names"}},"additionalProperties":false},"IntelRdtFeatures":{"type":["object","null"],"properties":{"enabled":{"type":["boolean","null"]},"schemata":{"type":["boolean","null"]},"monitoring":{"type":["boolean","null"]}},"additionalProperties":false},"MemoryPolicyFeatures":{"type":["object","null"],"properties":{"modes":{"$ref":"#/definitions/Names"},"flags":{"$ref":"#/definitions/Names"}},"additionalProperties":false},"MountExtensions":{"type":["object","null"],"properties":{"idmap":{"$ref":"#/definitions/Enabled"}},"additionalProperties":false}},"additionalProperties":false};
const schema7 = {"type":["array","null"],"items":{"type":"string"}};

function validate22(data, {instancePath="", parentData, parentDataProperty, rootData=data}={}){
let vErrors = null;
let errors = 0;
if((!(Array.isArray(data))) && (data !== null)){
const err0 = {instancePath,schemaPath:"#/type",keyword:"type",params:{type: schema7.type}};
if(vErrors === null){
vErrors = [err0];
}
else {
vErrors.push(err0);
}
errors++;
}
if(Array.isArray(data)){
const len0 = data.length;
for(let i0=0; i0<len0; i0++){
if(typeof data[i0] !== "string"){
const err1 = {instancePath:instancePath+"/" + i0,schemaPath:"#/items/type",keyword:"type",params:{type: "string"}};
if(vErrors === null){
vErrors = [err1];
}
else {
vErrors.push(err1);
}
errors++;
}
}
}
validate22.errors = vErrors;
return errors === 0;
}

const schema8 = {"type":["object","null"],"properties":{"namespaces":{"$ref":"#/definitions/Names"},"capabilities":{"$ref":"#/definitions/Names"},"cgroup":{"$ref":"#/definitions/CgroupFeatures"},"seccomp":{"$ref":"#/definitions/SeccompFeatures"},"apparmor":{"$ref":"#/definitions/Enabled"},"selinux":{"$ref":"#/definitions/Enabled"},"intelRdt":{"$ref":"#/definitions/IntelRdtFeatures"},"memoryPolicy":{"$ref":"#/definitions/MemoryPolicyFeatures"},"mountExtensions":{"$ref":"#/definitions/MountExtensions"},"netDevices":{"$ref":"#/definitions/Enabled"}},"additionalProperties":false};
const func2 = Object.prototype.hasOwnProperty;
const schema9 = {"type":["object","null"],"properties":{"v1":{"type":["boolean","null"]},"v2":{"type":["boolean","null"]},"systemd":{"type":["boolean","null"]},"systemdUser":{"type":["boolean","null"]},"rdma":{"type":["boolean","null"]}},"additionalProperties":false};

function validate28(data, {instancePath="", parentData, parentDataProperty, rootData=data}={}){
let vErrors = null;
let errors = 0;
if((!(data && typeof data == "object" && !Array.isArray(data))) && (data !== null)){
const err0 = {instancePath,schemaPath:"#/type",keyword:"type",params:{type: schema9.type}};
if(vErrors === null){
vErrors = [err0];
}
else {
vErrors.push(err0);
}
errors++;
}
if(data && typeof data == "object" && !Array.isArray(data)){
for(const key0 in data){
if(!(((((key0 === "v1") || (key0 === "v2")) || (key0 === "systemd")) || (key0 === "systemdUser")) || (key0 === "rdma"))){
const err1 = {instancePath,schemaPath:"#/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key0}};
if(vErrors === null){
vErrors = [err1];
}
else {
vErrors.push(err1);
}
errors++;
}
}
if(data.v1 !== undefined){
let data0 = data.v1;
if((typeof data0 !== "boolean") && (data0 !== null)){
const err2 = {instancePath:instancePath+"/v1",schemaPath:"#/properties/v1/type",keyword:"type",params:{type: schema9.properties.v1.type}};
if(vErrors === null){
vErrors = [err2];
}
else {
vErrors.push(err2);
}
errors++;
}
}
if(data.v2 !== undefined){
let data1 = data.v2;
if((typeof data1 !== "boolean") && (data1 !== null)){
const err3 = {instancePath:instancePath+"/v2",schemaPath:"#/properties/v2/type",keyword:"type",params:{type: schema9.properties.v2.type}};
if(vErrors === null){
vErrors = [err3];
}
else {
vErrors.push(err3);
}
errors++;
}
}
if(data.systemd !== undefined){
let data2 = data.systemd;
if((typeof data2 !== "boolean") && (data2 !== null)){
const err4 = {instancePath:instancePath+"/systemd",schemaPath:"#/properties/systemd/type",keyword:"type",params:{type: schema9.properties.systemd.type}};
if(vErrors === null){
vErrors = [err4];
}
else {
vErrors.push(err4);
}
errors++;
}
}
if(data.systemdUser !== undefined){
let data3 = data.systemdUser;
if((typeof data3 !== "boolean") && (data3 !== null)){
const err5 = {instancePath:instancePath+"/systemdUser",schemaPath:"#/properties/systemdUser/type",keyword:"type",params:{type: schema9.properties.systemdUser.type}};
if(vErrors === null){
vErrors = [err5];
}
else {
vErrors.push(err5);
}
errors++;
}
}
if(data.rdma !== undefined){
let data4 = data.rdma;
if((typeof data4 !== "boolean") && (data4 !== null)){
const err6 = {instancePath:instancePath+"/rdma",schemaPath:"#/properties/rdma/type",keyword:"type",params:{type: schema9.properties.rdma.type}};
if(vErrors === null){
vErrors = [err6];
}
else {
vErrors.push(err6);
}
errors++;
}
}
}
validate28.errors = vErrors;
return errors === 0;
}

const schema10 = {"type":["object","null"],"properties":{"enabled":{"type":["boolean","null"]},"actions":{"$ref":"#/definitions/Names"},"operators":{"$ref":"#/definitions/Names"},"archs":{"$ref":"#/definitions/Names"},"knownFlags":{"$ref":"#/definitions/Names"},"supportedFlags":{"$ref":"#/definitions/Names"}},"additionalProperties":false};

function validate30(data, {instancePath="", parentData, parentDataProperty, rootData=data}={}){
let vErrors = null;
let errors = 0;
if((!(data && typeof data == "object" && !Array.isArray(data))) && (data !== null)){
const err0 = {instancePath,schemaPath:"#/type",keyword:"type",params:{type: schema10.type}};
if(vErrors === null){
vErrors = [err0];
}
else {
vErrors.push(err0);
}
errors++;
}
if(data && typeof data == "object" && !Array.isArray(data)){
for(const key0 in data){
if(!((((((key0 === "enabled") || (key0 === "actions")) || (key0 === "operators")) || (key0 === "archs")) || (key0 === "knownFlags")) || (key0 === "supportedFlags"))){
const err1 = {instancePath,schemaPath:"#/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key0}};
if(vErrors === null){
vErrors = [err1];
}
else {
vErrors.push(err1);
}
errors++;
}
}
if(data.enabled !== undefined){
let data0 = data.enabled;
if((typeof data0 !== "boolean") && (data0 !== null)){
const err2 = {instancePath:instancePath+"/enabled",schemaPath:"#/properties/enabled/type",keyword:"type",params:{type: schema10.properties.enabled.type}};
if(vErrors === null){
vErrors = [err2];
}
else {
vErrors.push(err2);
}
errors++;
}
}
if(data.actions !== undefined){
if(!(validate22(data.actions, {instancePath:instancePath+"/actions",parentData:data,parentDataProperty:"actions",rootData}))){
vErrors = vErrors === null ? validate22.errors : vErrors.concat(validate22.errors);
errors = vErrors.length;
}
}
if(data.operators !== undefined){
if(!(validate22(data.operators, {instancePath:instancePath+"/operators",parentData:data,parentDataProperty:"operators",rootData}))){
vErrors = vErrors === null ? validate22.errors : vErrors.concat(validate22.errors);
errors = vErrors.length;
}
}
if(data.archs !== undefined){
if(!(validate22(data.archs, {instancePath:instancePath+"/archs",parentData:data,parentDataProperty:"archs",rootData}))){
vErrors = vErrors === null ? validate22.errors : vErrors.concat(validate22.errors);
errors = vErrors.length;
}
}
if(data.knownFlags !== undefined){
if(!(validate22(data.knownFlags, {instancePath:instancePath+"/knownFlags",parentData:data,parentDataProperty:"knownFlags",rootData}))){
vErrors = vErrors === null ? validate22.errors : vErrors.concat(validate22.errors);
errors = vErrors.length;
}
}
if(data.supportedFlags !== undefined){
if(!(validate22(data.supportedFlags, {instancePath:instancePath+"/supportedFlags",parentData:data,parentDataProperty:"supportedFlags",rootData}))){
vErrors = vErrors === null ? validate22.errors : vErrors.concat(validate22.errors);
errors = vErrors.length;
}
}
}
validate30.errors = vErrors;
return errors === 0;
}

const schema11 = {"type":["object","null"],"properties":{"enabled":{"type":["boolean","null"]}},"additionalProperties":false};

function validate37(data, {instancePath="", parentData, parentDataProperty, rootData=data}={}){
let vErrors = null;
let errors = 0;
if((!(data && typeof data == "object" && !Array.isArray(data))) && (data !== null)){
const err0 = {instancePath,schemaPath:"#/type",keyword:"type",params:{type: schema11.type}};
if(vErrors === null){
vErrors = [err0];
}
else {
vErrors.push(err0);
}
errors++;
}
if(data && typeof data == "object" && !Array.isArray(data)){
for(const key0 in data){
if(!(key0 === "enabled")){
const err1 = {instancePath,schemaPath:"#/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key0}};
if(vErrors === null){
vErrors = [err1];
}
else {
vErrors.push(err1);
}
errors++;
}
}
if(data.enabled !== undefined){
let data0 = data.enabled;
if((typeof data0 !== "boolean") && (data0 !== null)){
const err2 = {instancePath:instancePath+"/enabled",schemaPath:"#/properties/enabled/type",keyword:"type",params:{type: schema11.properties.enabled.type}};
if(vErrors === null){
vErrors = [err2];
}
else {
vErrors.push(err2);
}
errors++;
}
}
}
validate37.errors = vErrors;
return errors === 0;
}

const schema12 = {"type":["object","null"],"properties":{"enabled":{"type":["boolean","null"]},"schemata":{"type":["boolean","null"]},"monitoring":{"type":["boolean","null"]}},"additionalProperties":false};

function validate40(data, {instancePath="", parentData, parentDataProperty, rootData=data}={}){
let vErrors = null;
let errors = 0;
if((!(data && typeof data == "object" && !Array.isArray(data))) && (data !== null)){
const err0 = {instancePath,schemaPath:"#/type",keyword:"type",params:{type: schema12.type}};
if(vErrors === null){
vErrors = [err0];
}
else {
vErrors.push(err0);
}
errors++;
}
if(data && typeof data == "object" && !Array.isArray(data)){
for(const key0 in data){
if(!(((key0 === "enabled") || (key0 === "schemata")) || (key0 === "monitoring"))){
const err1 = {instancePath,schemaPath:"#/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key0}};
if(vErrors === null){
vErrors = [err1];
}
else {
vErrors.push(err1);
}
errors++;
}
}
if(data.enabled !== undefined){
let data0 = data.enabled;
if((typeof data0 !== "boolean") && (data0 !== null)){
const err2 = {instancePath:instancePath+"/enabled",schemaPath:"#/properties/enabled/type",keyword:"type",params:{type: schema12.properties.enabled.type}};
if(vErrors === null){
vErrors = [err2];
}
else {
vErrors.push(err2);
}
errors++;
}
}
if(data.schemata !== undefined){
let data1 = data.schemata;
if((typeof data1 !== "boolean") && (data1 !== null)){
const err3 = {instancePath:instancePath+"/schemata",schemaPath:"#/properties/schemata/type",keyword:"type",params:{type: schema12.properties.schemata.type}};
if(vErrors === null){
vErrors = [err3];
}
else {
vErrors.push(err3);
}
errors++;
}
}
if(data.monitoring !== undefined){
let data2 = data.monitoring;
if((typeof data2 !== "boolean") && (data2 !== null)){
const err4 = {instancePath:instancePath+"/monitoring",schemaPath:"#/properties/monitoring/type",keyword:"type",params:{type: schema12.properties.monitoring.type}};
if(vErrors === null){
vErrors = [err4];
}
else {
vErrors.push(err4);
}
errors++;
}
}
}
validate40.errors = vErrors;
return errors === 0;
}

const schema13 = {"type":["object","null"],"properties":{"modes":{"$ref":"#/definitions/Names"},"flags":{"$ref":"#/definitions/Names"}},"additionalProperties":false};

function validate42(data, {instancePath="", parentData, parentDataProperty, rootData=data}={}){
let vErrors = null;
let errors = 0;
if((!(data && typeof data == "object" && !Array.isArray(data))) && (data !== null)){
const err0 = {instancePath,schemaPath:"#/type",keyword:"type",params:{type: schema13.type}};
if(vErrors === null){
vErrors = [err0];
}
else {
vErrors.push(err0);
}
errors++;
}
if(data && typeof data == "object" && !Array.isArray(data)){
for(const key0 in data){
if(!((key0 === "modes") || (key0 === "flags"))){
const err1 = {instancePath,schemaPath:"#/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key0}};
if(vErrors === null){
vErrors = [err1];
}
else {
vErrors.push(err1);
}
errors++;
}
}
if(data.modes !== undefined){
if(!(validate22(data.modes, {instancePath:instancePath+"/modes",parentData:data,parentDataProperty:"modes",rootData}))){
vErrors = vErrors === null ? validate22.errors : vErrors.concat(validate22.errors);
errors = vErrors.length;
}
}
if(data.flags !== undefined){
if(!(validate22(data.flags, {instancePath:instancePath+"/flags",parentData:data,parentDataProperty:"flags",rootData}))){
vErrors = vErrors === null ? validate22.errors : vErrors.concat(validate22.errors);
errors = vErrors.length;
}
}
}
validate42.errors = vErrors;
return errors === 0;
}

const schema14 = {"type":["object","null"],"properties":{"idmap":{"$ref":"#/definitions/Enabled"}},"additionalProperties":false};

function validate46(data, {instancePath="", parentData, parentDataProperty, rootData=data}={}){
let vErrors = null;
let errors = 0;
if((!(data && typeof data == "object" && !Array.isArray(data))) && (data !== null)){
const err0 = {instancePath,schemaPath:"#/type",keyword:"type",params:{type: schema14.type}};
if(vErrors === null){
vErrors = [err0];
}
else {
vErrors.push(err0);
}
errors++;
}
if(data && typeof data == "object" && !Array.isArray(data)){
for(const key0 in data){
if(!(key0 === "idmap")){
const err1 = {instancePath,schemaPath:"#/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key0}};
if(vErrors === null){
vErrors = [err1];
}
else {
vErrors.push(err1);
}
errors++;
}
}
if(data.idmap !== undefined){
if(!(validate37(data.idmap, {instancePath:instancePath+"/idmap",parentData:data,parentDataProperty:"idmap",rootData}))){
vErrors = vErrors === null ? validate37.errors : vErrors.concat(validate37.errors);
errors = vErrors.length;
}
}
}
validate46.errors = vErrors;
return errors === 0;
}


function validate25(data, {instancePath="", parentData, parentDataProperty, rootData=data}={}){
let vErrors = null;
let errors = 0;
if((!(data && typeof data == "object" && !Array.isArray(data))) && (data !== null)){
const err0 = {instancePath,schemaPath:"#/type",keyword:"type",params:{type: schema8.type}};
if(vErrors === null){
vErrors = [err0];
}
else {
vErrors.push(err0);
}
errors++;
}
if(data && typeof data == "object" && !Array.isArray(data)){
for(const key0 in data){
if(!(func2.call(schema8.properties, key0))){
const err1 = {instancePath,schemaPath:"#/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key0}};
if(vErrors === null){
vErrors = [err1];
}
else {
vErrors.push(err1);
}
errors++;
}
}
if(data.namespaces !== undefined){
if(!(validate22(data.namespaces, {instancePath:instancePath+"/namespaces",parentData:data,parentDataProperty:"namespaces",rootData}))){
vErrors = vErrors === null ? validate22.errors : vErrors.concat(validate22.errors);
errors = vErrors.length;
}
}
if(data.capabilities !== undefined){
if(!(validate22(data.capabilities, {instancePath:instancePath+"/capabilities",parentData:data,parentDataProperty:"capabilities",rootData}))){
vErrors = vErrors === null ? validate22.errors : vErrors.concat(validate22.errors);
errors = vErrors.length;
}
}
if(data.cgroup !== undefined){
if(!(validate28(data.cgroup, {instancePath:instancePath+"/cgroup",parentData:data,parentDataProperty:"cgroup",rootData}))){
vErrors = vErrors === null ? validate28.errors : vErrors.concat(validate28.errors);
errors = vErrors.length;
}
}
if(data.seccomp !== undefined){
if(!(validate30(data.seccomp, {instancePath:instancePath+"/seccomp",parentData:data,parentDataProperty:"seccomp",rootData}))){
vErrors = vErrors === null ? validate30.errors : vErrors.concat(validate30.errors);
errors = vErrors.length;
}
}
if(data.apparmor !== undefined){
if(!(validate37(data.apparmor, {instancePath:instancePath+"/apparmor",parentData:data,parentDataProperty:"apparmor",rootData}))){
vErrors = vErrors === null ? validate37.errors : vErrors.concat(validate37.errors);
errors = vErrors.length;
}
}
if(data.selinux !== undefined){
if(!(validate37(data.selinux, {instancePath:instancePath+"/selinux",parentData:data,parentDataProperty:"selinux",rootData}))){
vErrors = vErrors === null ? validate37.errors : vErrors.concat(validate37.errors);
errors = vErrors.length;
}
}
if(data.intelRdt !== undefined){
if(!(validate40(data.intelRdt, {instancePath:instancePath+"/intelRdt",parentData:data,parentDataProperty:"intelRdt",rootData}))){
vErrors = vErrors === null ? validate40.errors : vErrors.concat(validate40.errors);
errors = vErrors.length;
}
}
if(data.memoryPolicy !== undefined){
if(!(validate42(data.memoryPolicy, {instancePath:instancePath+"/memoryPolicy",parentData:data,parentDataProperty:"memoryPolicy",rootData}))){
vErrors = vErrors === null ? validate42.errors : vErrors.concat(validate42.errors);
errors = vErrors.length;
}
}
if(data.mountExtensions !== undefined){
if(!(validate46(data.mountExtensions, {instancePath:instancePath+"/mountExtensions",parentData:data,parentDataProperty:"mountExtensions",rootData}))){
vErrors = vErrors === null ? validate46.errors : vErrors.concat(validate46.errors);
errors = vErrors.length;
}
}
if(data.netDevices !== undefined){
if(!(validate37(data.netDevices, {instancePath:instancePath+"/netDevices",parentData:data,parentDataProperty:"netDevices",rootData}))){
vErrors = vErrors === null ? validate37.errors : vErrors.concat(validate37.errors);
errors = vErrors.length;
}
}
}
validate25.errors = vErrors;
return errors === 0;
}


function validate21(data, {instancePath="", parentData, parentDataProperty, rootData=data}={}){
/*# sourceURL="urn:tsoci:schema:features" */;
let vErrors = null;
let errors = 0;
if(data && typeof data == "object" && !Array.isArray(data)){
if(data.ociVersionMin === undefined){
const err0 = {instancePath,schemaPath:"#/required",keyword:"required",params:{missingProperty: "ociVersionMin"}};
if(vErrors === null){
vErrors = [err0];
}
else {
vErrors.push(err0);
}
errors++;
}
if(data.ociVersionMax === undefined){
const err1 = {instancePath,schemaPath:"#/required",keyword:"required",params:{missingProperty: "ociVersionMax"}};
if(vErrors === null){
vErrors = [err1];
}
else {
vErrors.push(err1);
}
errors++;
}
for(const key0 in data){
if(!(((((((key0 === "ociVersionMin") || (key0 === "ociVersionMax")) || (key0 === "hooks")) || (key0 === "mountOptions")) || (key0 === "linux")) || (key0 === "annotations")) || (key0 === "potentiallyUnsafeConfigAnnotations"))){
const err2 = {instancePath,schemaPath:"#/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key0}};
if(vErrors === null){
vErrors = [err2];
}
else {
vErrors.push(err2);
}
errors++;
}
}
if(data.ociVersionMin !== undefined){
if(typeof data.ociVersionMin !== "string"){
const err3 = {instancePath:instancePath+"/ociVersionMin",schemaPath:"#/properties/ociVersionMin/type",keyword:"type",params:{type: "string"}};
if(vErrors === null){
vErrors = [err3];
}
else {
vErrors.push(err3);
}
errors++;
}
}
if(data.ociVersionMax !== undefined){
if(typeof data.ociVersionMax !== "string"){
const err4 = {instancePath:instancePath+"/ociVersionMax",schemaPath:"#/properties/ociVersionMax/type",keyword:"type",params:{type: "string"}};
if(vErrors === null){
vErrors = [err4];
}
else {
vErrors.push(err4);
}
errors++;
}
}
if(data.hooks !== undefined){
if(!(validate22(data.hooks, {instancePath:instancePath+"/hooks",parentData:data,parentDataProperty:"hooks",rootData}))){
vErrors = vErrors === null ? validate22.errors : vErrors.concat(validate22.errors);
errors = vErrors.length;
}
}
if(data.mountOptions !== undefined){
if(!(validate22(data.mountOptions, {instancePath:instancePath+"/mountOptions",parentData:data,parentDataProperty:"mountOptions",rootData}))){
vErrors = vErrors === null ? validate22.errors : vErrors.concat(validate22.errors);
errors = vErrors.length;
}
}
if(data.linux !== undefined){
if(!(validate25(data.linux, {instancePath:instancePath+"/linux",parentData:data,parentDataProperty:"linux",rootData}))){
vErrors = vErrors === null ? validate25.errors : vErrors.concat(validate25.errors);
errors = vErrors.length;
}
}
if(data.annotations !== undefined){
let data5 = data.annotations;
if((!(data5 && typeof data5 == "object" && !Array.isArray(data5))) && (data5 !== null)){
const err5 = {instancePath:instancePath+"/annotations",schemaPath:"#/properties/annotations/type",keyword:"type",params:{type: schema6.properties.annotations.type}};
if(vErrors === null){
vErrors = [err5];
}
else {
vErrors.push(err5);
}
errors++;
}
if(data5 && typeof data5 == "object" && !Array.isArray(data5)){
for(const key1 in data5){
if(typeof data5[key1] !== "string"){
const err6 = {instancePath:instancePath+"/annotations/" + key1.replace(/~/g, "~0").replace(/\//g, "~1"),schemaPath:"#/properties/annotations/additionalProperties/type",keyword:"type",params:{type: "string"}};
if(vErrors === null){
vErrors = [err6];
}
else {
vErrors.push(err6);
}
errors++;
}
}
}
}
if(data.potentiallyUnsafeConfigAnnotations !== undefined){
if(!(validate22(data.potentiallyUnsafeConfigAnnotations, {instancePath:instancePath+"/potentiallyUnsafeConfigAnnotations",parentData:data,parentDataProperty:"potentiallyUnsafeConfigAnnotations",rootData}))){
vErrors = vErrors === null ? validate22.errors : vErrors.concat(validate22.errors);
errors = vErrors.length;
}
}
}
else {
const err7 = {instancePath,schemaPath:"#/type",keyword:"type",params:{type: "object"}};
if(vErrors === null){
vErrors = [err7];
}
else {
vErrors.push(err7);
}
errors++;
}
validate21.errors = vErrors;
return errors === 0;
}

export const schema = schema6;
